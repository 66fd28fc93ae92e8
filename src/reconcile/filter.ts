import { OperatorError } from '../diagnostics/operator-error.js';
import { globFault } from '../glob/glob.js';
import { matcher } from './policy.js';
import type { OverrideId } from './state.js';

/** Globs that select changes, after everything was compared. An empty list selects all. */
export interface ChangeFilter {
  readonly flags: readonly string[];
  /** `kind:key`, or just the key for kind `user`. */
  readonly contexts: readonly string[];
}

/** Selects changes by why live and desired differ: `--only drift`. */
export type OnlyMark = 'drift';

/**
 * Checks the globs, before anything is read.
 * @throws OperatorError `bad-glob`, `filter-empty`
 */
export function checkFilter({ flags, contexts }: ChangeFilter): void {
  checkGlobs('--flag', flags, 'key');
  checkGlobs(
    '--context',
    contexts.map((glob) => (glob === '' ? '' : contextGlob(glob))),
    'context',
  );
}

/**
 * Checks the globs of one option. An empty one is usually a variable that is not set: it would select nothing.
 * @throws OperatorError `bad-glob`, `filter-empty`
 */
export function checkGlobs(option: string, globs: readonly string[], kind: 'key' | 'context'): void {
  for (const glob of globs) {
    if (glob === '')
      throw new OperatorError('filter-empty', `${option} is empty`, {
        hint: 'leave it out to select everything',
      });
    const fault = globFault(glob, kind);
    if (fault !== undefined) throw fault;
  }
}

export function isFiltering(filter: ChangeFilter): boolean {
  return Object.values(filter).some((globs: readonly string[]) => globs.length > 0);
}

export function filterChanges<Item extends OverrideId>(
  changes: readonly Item[],
  filter: ChangeFilter,
): Item[] {
  return changes.filter(overrideFilter(filter));
}

/** A predicate for the overrides that a filter selects. */
export function overrideFilter(filter: ChangeFilter): (override: OverrideId) => boolean {
  const flag = nameFilter(filter.flags);
  const context = nameFilter(filter.contexts.map(contextGlob));
  return (override) => flag(override.flag) && context(contextName(override));
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
    unmatched = unmatched.filter(({ matches }) => !matches(name));
    if (unmatched.length === 0) break;
  }
  return unmatched.map(({ glob }) => glob);
}
