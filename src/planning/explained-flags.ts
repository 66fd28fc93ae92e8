import type { FlagReader } from '../launchdarkly/client.js';
import { type ExplainedQuestion, explainedFlags } from '../reconcile/explain.js';
import type { ListedScope } from '../reconcile/list.js';
import type { LiveFlag } from '../reconcile/state.js';

/**
 * The flags of each project that a question is about, and their prerequisites. Those that the plan has read are used as
 * they are. The others, for example an archived flag, are read here.
 * @returns by project and key; flags that do not exist are missing
 */
export async function readExplainedFlags(
  reader: FlagReader,
  scopes: readonly ListedScope[],
  question: ExplainedQuestion,
): Promise<ReadonlyMap<string, ReadonlyMap<string, LiveFlag>>> {
  const projects = new Map<string, ListedScope[]>();
  for (const scope of scopes) {
    const { project } = scope.comparison.scope;
    projects.set(project, [...(projects.get(project) ?? []), scope]);
  }
  const read = [...projects].map(async ([project, members]) => {
    const environments = members.map(({ comparison }) => comparison.scope.environment);
    const flags = new Map(members[0]?.live.flags);
    const absent = new Set<string>();
    let wanted = new Set(members.flatMap((scope) => explainedFlags(scope, question)));
    while (wanted.size > 0) {
      const unread = [...wanted].filter((key) => !flags.has(key));
      const found = await Promise.all(unread.map((key) => reader.getFlag(project, key, environments)));
      for (const [index, flag] of found.entries()) {
        if (flag === undefined) absent.add(unread[index] ?? '');
        else flags.set(flag.key, flag);
      }
      wanted = new Set(
        [...prerequisitesOf(wanted, flags)].filter((key) => !flags.has(key) && !absent.has(key)),
      );
    }
    return [project, flags] as const;
  });
  return new Map(await Promise.all(read));
}

/** The keys of all flags on which some flags depend, directly or through others, as far as they were read. */
function prerequisitesOf(
  keys: ReadonlySet<string>,
  flags: ReadonlyMap<string, LiveFlag>,
): ReadonlySet<string> {
  const found = new Set<string>();
  const left = [...keys];
  for (let key = left.pop(); key !== undefined; key = left.pop()) {
    for (const { prerequisites } of flags.get(key)?.environments.values() ?? []) {
      for (const { flag } of prerequisites) {
        if (found.has(flag)) continue;
        found.add(flag);
        left.push(flag);
      }
    }
  }
  return found;
}
