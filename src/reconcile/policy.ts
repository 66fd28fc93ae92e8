import { keyGlob } from '../glob/glob.js';

/** Which live overrides that are not declared are removed. */
export type PruneMode = 'never' | 'owned' | 'contexts' | 'environment';

/** How much one apply may change in a scope without `--force`. Shares are fractions from 0 to 1. */
interface Limits {
  readonly updates: number;
  readonly removals: number;
  /** The shares count where at least so many overrides are live. */
  readonly floor: number;
  readonly changes: number | null;
}

/** How one scope is reconciled. */
export interface ScopePolicy {
  readonly prune: PruneMode;
  readonly drift: 'repair' | 'report';
  /** Why nothing is applied; undefined where it is. */
  readonly paused: string | undefined;
  /** Globs of the flags that may be touched. */
  readonly flags: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  /** Globs of what must never be touched; contexts are `kind:key`. */
  readonly protect: { readonly flags: readonly string[]; readonly contexts: readonly string[] };
  readonly limits: Limits;
}

/** Whether a flag may be touched in a scope with this policy. */
export function flagFilter(policy: ScopePolicy): (flag: string) => boolean {
  const included = matcher(policy.flags.include);
  const excluded = matcher(policy.flags.exclude);
  return (flag) => included(flag) && !excluded(flag);
}

/**
 * Whether a text is one of the globs to the letter (keys may hold what globs take for operators), or matches one.
 * @throws OperatorError `bad-glob`
 */
export function matcher(globs: readonly string[]): (text: string) => boolean {
  const literal = new Set(globs);
  const compiled = globs.map(keyGlob);
  return (text) => literal.has(text) || compiled.some((matches) => matches(text));
}
