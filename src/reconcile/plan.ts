import type { Position } from '../diagnostics/diagnostic.js';
import type { Json } from '../json/json.js';
import type { GuardRefusal } from './guards/refusal.js';
import type { Pace, Paces } from './pace.js';
import type { PruneMode } from './policy.js';
import type { Commit, OverrideId, ScopeId } from './state.js';
import type { WritePolicy } from './write-policy.js';

/** One side of a change: the variation that an override has, or gets. */
export interface OverrideValue {
  /** Index in the flag's list of variations. */
  readonly variation: number;
  readonly value: Json;
  readonly name?: string;
  /** The variation's id, by which a patch names it; absent where LaunchDarkly did not tell it. */
  readonly id?: string;
  /** Present where a PUT cannot name the variation: its value is null, or that of another one too. */
  readonly onlyById?: true;
}

/**
 * The commit that made an override what it is, or why there is none to show: the edit is not committed, history
 * cannot tell (a shallow clone, no git), or no commit ever declared it.
 */
export type Provenance =
  | { readonly type: 'commit'; readonly commit: Commit }
  | { readonly type: 'uncommitted' }
  | { readonly type: 'unknown' }
  | { readonly type: 'none' };

export type Action = 'add' | 'update' | 'remove';

/**
 * Why live and desired differ: live moved away from what was applied (`drift`), the declaration moved and waits
 * to be applied (`pending`), the override expired, or there is no last-applied state to tell by (`unknown`).
 */
export type Mark = 'drift' | 'pending' | 'expired' | 'unknown';

/** What else is true of a change's flag that its author should know. */
export type ChangeWarning = 'flag-off' | 'flag-deprecated' | 'prerequisites';

/** Why a change is planned and shown, but not applied. */
export type Withheld = 'paused' | 'drift-report' | 'no-removals' | 'other-shard';

/** One write that would make live match desired. */
export interface Change extends ScopeId, OverrideId {
  readonly action: Action;
  readonly before: OverrideValue | null;
  readonly after: OverrideValue | null;
  /** Where it is declared; undefined where it no longer is. */
  readonly at: Position | undefined;
  readonly provenance: Provenance;
  readonly mark: Mark;
  /** With `pending`: live is not what was last applied either. */
  readonly liveMoved: boolean;
  readonly warnings: readonly ChangeWarning[];
  readonly withheld: Withheld | undefined;
  readonly owner?: string;
  readonly reason?: string;
}

export interface Counts {
  readonly add: number;
  readonly update: number;
  readonly remove: number;
}

/** What the plan says about one scope as a whole, before filters. */
export interface ScopeSummary extends ScopeId {
  readonly prune: PruneMode;
  readonly paused: string | undefined;
  readonly lastApplied: Commit | undefined;
  readonly counts: Counts;
  /** Declared overrides that are live already. */
  readonly unchanged: number;
  /** Of those: not declared at last-applied, so ours from now on. */
  readonly adopts: number;
  /** Declared at last-applied, and now kept out by the configuration. */
  readonly released: number;
  /** Live and not ours, in the flags that were read: how many a flag. */
  readonly unmanaged: Readonly<Record<string, number>>;
  /** Whether every flag of the project was read. */
  readonly complete: boolean;
}

/** How many writes, and how many seconds at the pace to be expected. */
export interface WriteEstimate {
  readonly requests: number;
  readonly seconds: number;
  /** What decides how long it takes. */
  readonly pace: Pace;
}

/** What a plan takes as it is configured, and what it would take with `writes: put` and `writes: batch`. */
export interface Estimate extends WriteEstimate {
  readonly put: WriteEstimate;
  readonly batch: WriteEstimate;
  /** What all of this is reckoned with. */
  readonly paces: Paces;
}

/** The one value that every output and the apply itself read. Sorted and never changed. */
export interface Plan {
  readonly baseUrl: string;
  readonly head: Commit | undefined;
  readonly scopes: readonly ScopeSummary[];
  /** By project, environment, flag, kind, key; after filters. */
  readonly changes: readonly Change[];
  readonly counts: Counts;
  /** Changes that the filters left out. */
  readonly filtered: number;
  readonly guards: readonly GuardRefusal[];
  /** One line each. */
  readonly warnings: readonly string[];
  readonly fingerprint: string;
  /** How the changes become requests. */
  readonly writes: WritePolicy;
  readonly estimate: Estimate;
}

/** Orders changes by project, environment, flag, kind and key, by code units: the same on every machine. */
export function compareChanges(a: ScopeId & OverrideId, b: ScopeId & OverrideId): number {
  return (
    compareText(a.project, b.project) ||
    compareText(a.environment, b.environment) ||
    compareText(a.flag, b.flag) ||
    compareText(a.kind, b.kind) ||
    compareText(a.key, b.key)
  );
}

function compareText(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

export function countActions(changes: readonly Pick<Change, 'action'>[]): Counts {
  const counts = { add: 0, update: 0, remove: 0 };
  for (const change of changes) counts[change.action] += 1;
  return counts;
}
