import type { Position } from '../diagnostics/diagnostic.js';
import type { Json } from '../json/json.js';
import type { Loosening } from './guards/loosening.js';
import type { ExpiryChange } from './dates.js';
import type { DeclaredDates } from './declared-dates.js';
import type { GuardRefusal } from './guards/refusal.js';
import type { Pace, Paces } from './pace.js';
import type { PruneMode } from './prune.js';
import type { Commit, OverrideId, ScopeId } from './state.js';
import type { WritePolicy } from './write-policy.js';

/** The variation that an override selects, before or after a change. */
export interface OverrideValue {
  /** Index in the flag's list of variations. */
  readonly variation: number;
  readonly value: Json;
  readonly name?: string;
  /** The variation's id, by which a patch selects it; absent if LaunchDarkly did not give it. */
  readonly id?: string;
  /** Present if a PUT cannot select the variation: its value is null or shared with another. */
  readonly onlyById?: true;
}

/**
 * The commit that made an override what it is, or why there is none: the edit is not committed, history is incomplete
 * or missing (a shallow clone, no git), or no commit ever declared it.
 */
export type Provenance =
  | { readonly type: 'commit'; readonly commit: Commit }
  | { readonly type: 'uncommitted' }
  | { readonly type: 'unknown' }
  | { readonly type: 'none' };

export type Action = 'add' | 'update' | 'remove';

/**
 * Why live and desired differ: live moved away from what was applied (`drift`), the declaration changed and is not
 * applied yet (`pending`), the override expired, it was set elsewhere and is removed only because of the prune mode
 * (`unmanaged`), or it is not known what was last applied (`unknown`).
 */
export type Mark = 'drift' | 'pending' | 'expired' | 'unmanaged' | 'unknown';

/** Whether a mark says that the live value was set outside this repository. `drift: report` leaves it as it is. */
export function isSetElsewhere(mark: Mark): boolean {
  return mark === 'drift' || mark === 'unmanaged';
}

/** Whether live moved away from what was last applied, regardless of what is declared now. */
export function hasMoved({ mark, liveMoved }: { readonly mark: Mark; readonly liveMoved: boolean }): boolean {
  return isSetElsewhere(mark) || liveMoved;
}

/** Who made a change outside this repository, according to LaunchDarkly's audit log. */
export interface ChangeElsewhere {
  /** A member, token or application, in one line. */
  readonly by: string;
  /** Epoch milliseconds. */
  readonly date: number;
  readonly comment?: string;
}

/** How an override that was changed outside this repository differs from its declaration. */
export interface Drift {
  /** Null if there should be no override. */
  readonly declared: OverrideValue | null;
  /** Null if there is none. */
  readonly live: OverrideValue | null;
  /** Absent if the audit log does not say who changed it. */
  readonly changed?: ChangeElsewhere;
}

/** Something about a change's flag that its author should know. */
export type ChangeWarning = 'flag-off' | 'flag-deprecated' | 'prerequisites' | 'no-effect';

/** Why a change is planned and shown, but not applied. */
export type Withheld = 'paused' | 'drift-report' | 'no-removals' | 'other-shard';

/** One write that would make live match desired. */
export interface Change extends ScopeId, OverrideId {
  readonly action: Action;
  readonly before: OverrideValue | null;
  readonly after: OverrideValue | null;
  /** Where it is declared; undefined if it no longer is. */
  readonly at: Position | undefined;
  readonly provenance: Provenance;
  readonly mark: Mark;
  /** With `pending`: whether live also differs from what was last applied. */
  readonly liveMoved: boolean;
  /** Present if live moved since the scope was last applied. */
  readonly drift?: Drift;
  readonly warnings: readonly ChangeWarning[];
  readonly withheld: Withheld | undefined;
  /** Present if `protect` lists its flag or context, in HEAD's configuration or in the one that was last applied. */
  readonly protected?: true;
  readonly owner?: string;
  readonly reason?: string;
}

export interface Counts {
  readonly add: number;
  readonly update: number;
  readonly remove: number;
}

/** A live override that is not declared and not ours. */
export interface UnmanagedOverride extends OverrideId {
  readonly live: OverrideValue;
}

/** One scope as a whole, before filters. */
export interface ScopeSummary extends ScopeId {
  readonly prune: PruneMode;
  /** Whose limits and `protect` count: those of HEAD and last-applied, or HEAD's alone; absent if nothing may change. */
  readonly judgedBy?: 'both' | 'head';
  readonly paused: string | undefined;
  readonly lastApplied: Commit | undefined;
  readonly counts: Counts;
  /** Declared overrides that are already live. */
  readonly unchanged: number;
  /** Those of them that were not declared at last-applied, and are ours from now on. */
  readonly adopts: number;
  /** Declared overrides that change nothing for any context, whether they are live or not. */
  readonly noEffect: number;
  /** Overrides that were ours, and that the configuration now excludes or `manage` says to keep. */
  readonly released: number;
  /** Declared overrides that `manage` leaves as they are; absent if there is none. */
  readonly leftAlone?: number;
  /** How many live overrides of each flag are not ours, for the flags that were read. */
  readonly unmanaged: Readonly<Record<string, number>>;
  /** Those overrides, sorted by flag, kind and key. */
  readonly unmanagedOverrides: readonly UnmanagedOverride[];
  /** Whether every flag of the project was read. */
  readonly complete: boolean;
}

/** How many requests, and how many seconds they take at the expected pace. */
export interface WriteEstimate {
  readonly requests: number;
  readonly seconds: number;
  /** The pace that decides how long it takes. */
  readonly pace: Pace;
}

/** The estimate for a plan as configured, and for comparison with `writes: put` and `writes: batch`. */
export interface Estimate extends WriteEstimate {
  readonly put: WriteEstimate;
  readonly batch: WriteEstimate;
  /** The paces behind all of these numbers. */
  readonly paces: Paces;
}

/** How the review of an approval request that was not applied yet has ended, if it has. */
export type ApprovalStatus = 'pending' | 'approved' | 'declined' | 'scheduled';

/** A request to approve changes of one flag in one environment, as LaunchDarkly identifies it. */
export interface ApprovalLink {
  readonly id: string;
  readonly url: string;
}

/** An approval request of this configuration that was not applied yet. */
export interface PlannedApproval extends ScopeId, ApprovalLink {
  readonly flag: string;
  readonly status: ApprovalStatus;
  /** Whether it asks for exactly what the plan wants; if not, it should be deleted. */
  readonly current: boolean;
}

/** The one value that every output and the apply read. Sorted and immutable. */
export interface Plan {
  readonly baseUrl: string;
  readonly head: Commit | undefined;
  readonly scopes: readonly ScopeSummary[];
  /** Sorted by project, environment, flag, kind and key; after filters. */
  readonly changes: readonly Change[];
  readonly counts: Counts;
  /** The dates to set, move and remove at LaunchDarkly; sorted as the changes are, after filters. */
  readonly dates: readonly ExpiryChange[];
  /** How many changes, of overrides and of dates, the filters left out. */
  readonly filtered: number;
  /** What the configuration allows that it did not allow when it was last applied. */
  readonly loosened: readonly Loosening[];
  readonly guards: readonly GuardRefusal[];
  /** One line each. */
  readonly warnings: readonly string[];
  /** The declared dates that have passed or soon will, whatever is filtered. */
  readonly expiring: DeclaredDates;
  readonly fingerprint: string;
  /** How the changes become requests. */
  readonly writes: WritePolicy;
  readonly estimate: Estimate;
  /** Sorted as the changes are; absent if there are none. Read only where approvals are requested. */
  readonly approvals?: readonly PlannedApproval[];
}

/** Whether a plan has anything to change, withheld or not. */
export function hasChanges({ changes, dates }: Pick<Plan, 'changes' | 'dates'>): boolean {
  return changes.length + dates.length > 0;
}

/** Orders changes by project, environment, flag, kind and key. */
export function compareChanges(a: ScopeId & OverrideId, b: ScopeId & OverrideId): number {
  return (
    compareScopeIds(a, b) ||
    compareText(a.flag, b.flag) ||
    compareText(a.kind, b.kind) ||
    compareText(a.key, b.key)
  );
}

/** Orders scopes by project and environment, as their changes. */
export function compareScopeIds(a: ScopeId, b: ScopeId): number {
  return compareText(a.project, b.project) || compareText(a.environment, b.environment);
}

/** Orders by code units: the same on every machine. */
export function compareText(a: string, b: string): number {
  return Number(a > b) - Number(a < b);
}

export function countActions(changes: readonly Pick<Change, 'action'>[]): Counts {
  const counts = { add: 0, update: 0, remove: 0 };
  for (const change of changes) counts[change.action] += 1;
  return counts;
}
