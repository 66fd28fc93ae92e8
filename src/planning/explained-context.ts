import { didYouMean, nearest } from '../diagnostics/nearest.js';
import type { FlagReader } from '../launchdarkly/client.js';
import type { ExplainedQuestion } from '../reconcile/explain.js';
import { contextName } from '../reconcile/filter.js';
import type { ListedScope } from '../reconcile/list.js';
import { parseContextKey } from '../reconcile/state.js';

// A context needs no override, so an unknown one is no error. It can still be a typo.

/** What may have been meant by a context; undefined if one of its overrides is declared or live in these scopes. */
export function contextHint(
  { kind, key }: ExplainedQuestion,
  scopes: readonly ListedScope[],
): string | undefined {
  const names = new Set(contextNames(scopes));
  const name = contextName({ kind, key });
  if (names.has(name)) return undefined;
  const found = [...names].find((other) => other.endsWith(`:${key}`)) ?? nearest(name, names);
  return found === undefined ? undefined : `did you mean ${found.replace(/^user:(?=[^:]+$)/, '')}?`;
}

/**
 * A warning if the kind of a context is none for which flags can be targeted, and no override of that kind is declared or
 * live. Only then LaunchDarkly is asked about kinds.
 */
export async function unknownKind(
  reader: FlagReader,
  { kind, key }: ExplainedQuestion,
  scopes: readonly ListedScope[],
): Promise<readonly string[]> {
  if (kind === 'user') return [];
  for (const name of contextNames(scopes)) if (name.startsWith(`${kind}:`)) return [];
  const projects = [...new Set(scopes.map(({ comparison }) => comparison.scope.project))];
  const listed = await Promise.all(projects.map((project) => reader.listContextKinds(project)));
  const kinds = new Set(['user', ...listed.flatMap((some) => [...some])]);
  if (kinds.has(kind)) return [];
  const meant = didYouMean(kind, kinds) ?? `for a user whose key contains a colon, write user:${kind}:${key}`;
  return [`LaunchDarkly does not list the context kind ${kind} for targeting (${meant})`];
}

/** All contexts with overrides that are declared or live, as `kind:key`; with repeats. */
function* contextNames(scopes: readonly ListedScope[]): Generator<string> {
  for (const { comparison, live, declared } of scopes) {
    for (const override of declared.values()) yield contextName(override);
    for (const flag of live.flags.values()) {
      for (const context of flag.environments.get(comparison.scope.environment)?.targets.keys() ?? []) {
        yield contextName(parseContextKey(context));
      }
    }
  }
}
