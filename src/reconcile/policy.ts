import { keyGlob } from '../glob/glob.js';
import type { ManageMode } from './manage.js';
import type { PruneMode } from './prune.js';

/** How much one apply may change in a scope without `--force`. `updates` and `removals` are fractions from 0 to 1. */
interface Limits {
  readonly updates: number;
  readonly removals: number;
  /** The fractions apply if at least this many overrides are live. */
  readonly floor: number;
  readonly changes: number | null;
}

/** What declarations for a scope must comply with. */
export interface DeclarationPolicies {
  readonly require: readonly ('owner' | 'reason' | 'expires')[];
  /** How many days ahead a date may be. */
  readonly maxLifetime: number | null;
  readonly maxPerContext: number | null;
  readonly maxPerFlag: number | null;
}

/** Who is asked to review approval requests: ids of members and keys of teams. */
export interface Notify {
  readonly members: readonly string[];
  readonly teams: readonly string[];
}

/** How one scope is reconciled. */
export interface ScopePolicy {
  /** Globs of the only files that may declare for the scope; undefined for any. They do not apply to history. */
  readonly files: readonly string[] | undefined;
  readonly prune: PruneMode;
  /** What may be done with declared overrides for which neither they nor their group or file say it. */
  readonly manage: ManageMode;
  readonly drift: 'repair' | 'report';
  /** Whether an approval request is created for changes that require approval. */
  readonly approvals: 'report' | 'request';
  readonly notify: Notify;
  /** Whether the dates of declared overrides are also set at LaunchDarkly. */
  readonly expiry: 'git' | 'launchdarkly';
  /** Why nothing is applied; undefined if the scope is not paused. */
  readonly paused: string | undefined;
  /** Globs of the flags that may be changed. */
  readonly flags: { readonly include: readonly string[]; readonly exclude: readonly string[] };
  /** Globs of what must never be changed; contexts are `kind:key`. */
  readonly protect: { readonly flags: readonly string[]; readonly contexts: readonly string[] };
  readonly limits: Limits;
  readonly policies: DeclarationPolicies;
}

/** A predicate for the flags that may be changed in a scope with this policy. */
export function flagFilter(policy: ScopePolicy): (flag: string) => boolean {
  const included = matcher(policy.flags.include);
  const excluded = matcher(policy.flags.exclude);
  return (flag) => included(flag) && !excluded(flag);
}

/**
 * A predicate for texts that equal one of the globs literally (keys may contain the operators of globs) or match one.
 * @throws OperatorError `bad-glob`
 */
export function matcher(globs: readonly string[]): (text: string) => boolean {
  const literal = new Set(globs);
  const compiled = globs.map(keyGlob);
  return (text) => literal.has(text) || compiled.some((matches) => matches(text));
}
