import { globFault } from '../glob/glob.js';
import type { Change } from './plan.js';
import { matcher } from './policy.js';

/** Globs that select changes, after everything was compared. An empty list selects all. */
export interface ChangeFilter {
  readonly projects: readonly string[];
  readonly environments: readonly string[];
  readonly flags: readonly string[];
  /** `kind:key`, or just the key for kind `user`. */
  readonly contexts: readonly string[];
}

/**
 * Returns the filter if its globs are valid; meant to be called before anything is read.
 * @throws OperatorError `bad-glob`
 */
export function checkFilter(filter: ChangeFilter): ChangeFilter {
  const { projects, environments, flags, contexts } = filter;
  const faults = [
    ...[...projects, ...environments, ...flags].map((glob) => globFault(glob, 'key')),
    ...contexts.map((glob) => globFault(contextGlob(glob), 'context')),
  ];
  for (const fault of faults) if (fault !== undefined) throw fault;
  return filter;
}

export function isFiltering(filter: ChangeFilter): boolean {
  return Object.values(filter).some((globs: readonly string[]) => globs.length > 0);
}

export function filterChanges(changes: readonly Change[], filter: ChangeFilter): Change[] {
  const project = nameFilter(filter.projects);
  const environment = nameFilter(filter.environments);
  const flag = nameFilter(filter.flags);
  const context = nameFilter(filter.contexts.map(contextGlob));
  return changes.filter(
    (change) =>
      project(change.project) &&
      environment(change.environment) &&
      flag(change.flag) &&
      context(contextName(change)),
  );
}

/** A predicate for names: true for every name if there are no globs. */
export function nameFilter(globs: readonly string[]): (name: string) => boolean {
  return globs.length === 0 ? () => true : matcher(globs);
}

/** A glob for contexts in the form that is compared with `contextName`. */
export function contextGlob(glob: string): string {
  return glob.includes(':') ? glob : `user:${glob}`;
}

/** `kind:key`. */
export function contextName({ kind, key }: { readonly kind: string; readonly key: string }): string {
  return `${kind}:${key}`;
}

/** The globs that match none of the names, in their order. Stops once each of them has matched. */
export function unmatchedGlobs(globs: readonly string[], names: Iterable<string>): string[] {
  let unmatched = globs.map((glob) => ({ glob, matches: matcher([glob]) }));
  for (const name of names) {
    if (unmatched.length === 0) break;
    if (unmatched.some(({ matches }) => matches(name)))
      unmatched = unmatched.filter(({ matches }) => !matches(name));
  }
  return unmatched.map(({ glob }) => glob);
}
