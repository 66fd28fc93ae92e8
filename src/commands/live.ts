import type { FlagReader } from '../launchdarkly/client.js';
import { readProject } from '../launchdarkly/read-project.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import type { DesiredScope, LiveProject, LiveState, ScopeId } from '../reconcile/state.js';

/** A scope that is to be compared with what is live. */
export interface ScopeToRead {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy;
  readonly desired: DesiredScope;
  /** Flags that history says may hold overrides of ours; undefined where only reading every flag can tell. */
  readonly once: ReadonlySet<string> | undefined;
}

/** Reads every project once, for all of its scopes. */
export async function readLive(reader: FlagReader, scopes: readonly ScopeToRead[]): Promise<LiveState> {
  const projects = groupByProject(scopes);
  const read = await Promise.all(
    [...projects].map(async ([project, members]): Promise<readonly [string, LiveProject]> => {
      const needed = new Set(members.flatMap(({ desired, once }) => [...flagsOf(desired), ...(once ?? [])]));
      const query = {
        project,
        environments: members.map(({ scope }) => scope.environment),
        needed,
        all: members.some(needsEveryFlag),
        contextKinds: members.some(({ desired }) => hasOtherKinds(desired)),
      };
      return [
        project,
        await withNames(reader, query.environments, project, await readProject(reader, query)),
      ];
    }),
  );
  return new Map(read);
}

/** A flag that does not exist was probably misspelt: the error can name the one that was meant. */
async function withNames(
  reader: FlagReader,
  environments: readonly string[],
  project: string,
  live: LiveProject,
): Promise<LiveProject> {
  if (live.missing.size === 0 || live.complete) return live;
  const needed = new Set(live.flags.keys());
  const all = await readProject(reader, { project, environments, needed, all: true, contextKinds: false });
  return { ...live, flags: all.flags, complete: true };
}

function needsEveryFlag({ policy, once }: ScopeToRead): boolean {
  switch (policy.prune) {
    case 'never':
      return false;
    case 'owned':
      return once === undefined;
    case 'contexts':
    case 'environment':
      return true;
  }
}

function groupByProject(scopes: readonly ScopeToRead[]): Map<string, ScopeToRead[]> {
  const projects = new Map<string, ScopeToRead[]>();
  for (const scope of scopes) {
    const members = projects.get(scope.scope.project) ?? [];
    members.push(scope);
    projects.set(scope.scope.project, members);
  }
  return projects;
}

function flagsOf(desired: DesiredScope): Set<string> {
  const flags = new Set<string>();
  for (const override of desired.overrides.values()) flags.add(override.flag);
  return flags;
}

function hasOtherKinds(desired: DesiredScope): boolean {
  for (const override of desired.overrides.values()) if (override.kind !== 'user') return true;
  return false;
}
