import { type ChangeOptions, scopeChanges } from './changes.js';
import type { ScopeComparison } from './compare.js';
import { type ExpiryChange, dateChanges, type DateDifference } from './dates.js';
import type { DeclaredDates } from './declared-dates.js';
import { repairFilter, withoutPendingRemovals } from './drift.js';
import { estimateWrites } from './estimate.js';
import { type ChangeFilter, filterChanges, type OnlyMark } from './filter.js';
import { fingerprintOf } from './fingerprint.js';
import type { Loosening } from './guards/loosening.js';
import type { ManageMode } from './manage.js';
import { asApplied, countHandedOver, type HandedOver, wasLeftAlone } from './managed-then.js';
import { type GuardRefusal, liftAccepted } from './guards/refusal.js';
import { protectedBy } from './guards/protect.js';
import { guardHistory } from './guards/rewind.js';
import { type GuardedScope, guardScope, type ScopeLifts } from './guards/scope.js';
import { type HistoryAnswers, countReleased, type ScopeHistory } from './ownership.js';
import type { Paces } from './pace.js';
import {
  type Change,
  compareChanges,
  compareScopeIds,
  compareText,
  countActions,
  type Plan,
  type ScopeSummary,
} from './plan.js';
import type { ScopePolicy } from './policy.js';
import { pruneRules } from './prune.js';
import { type Shard, withholdOtherShards } from './shard.js';
import { type Commit, type LiveProject, type ScopeId, scopeKey } from './state.js';
import type { WritePolicy } from './write-policy.js';

/** A scope that may be changed, with everything that is known about it. */
export interface PlannedScope {
  readonly comparison: ScopeComparison;
  readonly live: LiveProject;
  readonly history: ScopeHistory;
  /** How declared dates differ from those at LaunchDarkly; empty unless they are set there. */
  readonly dates: readonly DateDifference[];
  /** Declared overrides by `overrideKey`, `null` settings included. */
  readonly declared: ReadonlyMap<
    string,
    { readonly setting: { readonly type: string }; readonly manage?: ManageMode }
  >;
}

/** A scope that was applied once and is now excluded by the configuration. */
interface ReleasedScope {
  readonly scope: ScopeId;
  readonly history: ScopeHistory;
}

/** The policy of a scope in the configuration that was last applied. */
export interface AppliedPolicy {
  readonly commit: Commit;
  readonly policy: ScopePolicy;
  /** Why HEAD's configuration is not the one that was last applied; undefined if it is. */
  readonly moved: string | undefined;
}

/** Everything that a plan is made of. */
export interface PlanInput {
  readonly baseUrl: string;
  readonly head: Commit | undefined;
  readonly scopes: readonly PlannedScope[];
  readonly released: readonly ReleasedScope[];
  readonly answers: HistoryAnswers;
  readonly filter: ChangeFilter;
  /** `drift`: only what repairs drift, and nothing that is pending. */
  readonly only: OnlyMark | undefined;
  /** The part of the changes that this process applies; undefined for all of them. */
  readonly shard: Shard | undefined;
  /** By scope key; without an entry, HEAD's policy counts alone. */
  readonly appliedPolicies: ReadonlyMap<string, AppliedPolicy>;
  /** What the configuration allows that it did not allow when it was last applied. */
  readonly loosened: readonly Loosening[];
  /** Last-applied commits that HEAD does not contain. */
  readonly rewound: readonly Commit[];
  readonly options: ChangeOptions & ScopeLifts & { readonly allowRewind: boolean };
  /** Fingerprints of plans that were accepted in review: their guards are lifted. */
  readonly accept: readonly string[];
  /** The configuration's path, for messages. */
  readonly configPath: string;
  readonly warnings: readonly string[];
  readonly expiring: DeclaredDates;
  readonly writes: WritePolicy;
  /** How fast writes are expected to go, for the estimate. */
  readonly paces: Paces;
}

/** Builds the plan: decides the changes of each scope, checks the whole scope with guards, then filters and sorts. */
export function buildPlan(input: PlanInput): Plan {
  const selected: Change[] = [];
  const selectedDates: ExpiryChange[] = [];
  let found = 0;
  const guards: GuardRefusal[] = [];
  const summaries: ScopeSummary[] = [];
  const warnings = [...input.warnings];
  const scopes = input.scopes.toSorted((a, b) => compareScopeIds(a.comparison.scope, b.comparison.scope));
  for (const planned of scopes) {
    const { comparison, live, history } = planned;
    const { scope, policy } = comparison;
    const applied = input.appliedPolicies.get(scopeKey(scope));
    const counting = [
      policy,
      ...(applied === undefined || input.options.allowLoosened ? [] : [applied.policy]),
    ];
    const decided = scopeChanges(comparison, live, history, input.answers, input.options);
    const { unmanaged } = decided;
    const drifted =
      applied === undefined
        ? decided.changes
        : withoutPendingRemovals(decided.changes, history, applied.policy);
    const changes = markProtected(drifted, counting);
    const repairs = input.only === undefined ? undefined : repairFilter(history, applied?.policy);
    for (const change of changes) if (repairs?.isRepair(change) !== false) selected.push(change);
    const dates = markProtected(
      dateChanges({
        scope,
        policy,
        differences: planned.dates,
        changes,
        history,
        appliedPolicy: applied?.policy,
        answers: input.answers,
      }),
      counting,
    );
    for (const date of dates) if (repairs?.isDateRepair(date) !== false) selectedDates.push(date);
    found += changes.length + dates.length;
    const handedOver = countHandedOver(comparison, planned.declared, unmanaged, live, history);
    const guarded = guardedScope({ ...planned, handedOver }, changes, dates, applied, input.options);
    guards.push(...guardScope(guarded, input.options));
    warnings.push(...tooManyTargets(planned, changes), ...keptByCommits(scope, decided.releasedSince));
    summaries.push({
      ...scope,
      prune: policy.prune,
      judgedBy: guarded.lastApplied === undefined ? 'head' : 'both',
      paused: policy.paused,
      lastApplied: history.lastApplied,
      counts: countActions(changes),
      unchanged: comparison.unchanged.length + comparison.archived.length,
      adopts: [...comparison.unchanged, ...comparison.archived].filter(
        (key) => declaresValue(planned, key) && !wasDeclared(history, key),
      ).length,
      noEffect: [...comparison.noEffect.keys()].filter((key) => planned.declared.has(key)).length,
      released: countReleased(history, policy) + decided.released,
      ...(comparison.untouched.size === 0 ? {} : { leftAlone: comparison.untouched.size }),
      unmanaged: countByFlag(unmanaged),
      unmanagedOverrides: unmanaged
        .map(({ flag, kind, key, before }) => ({ flag, kind, key, live: before }))
        .toSorted((a, b) => compareChanges({ ...scope, ...a }, { ...scope, ...b })),
      complete: live.complete,
    });
  }
  for (const { scope, history } of input.released) {
    summaries.push({
      ...scope,
      prune: 'never',
      paused: undefined,
      lastApplied: history.lastApplied,
      counts: countActions([]),
      unchanged: 0,
      adopts: 0,
      noEffect: 0,
      released: countReleased(history, undefined),
      unmanaged: {},
      unmanagedOverrides: [],
      complete: false,
    });
  }
  guards.push(...guardHistory(input.rewound, input.options.allowRewind));
  const select = <Item extends Change | ExpiryChange>(items: readonly Item[]): readonly Item[] =>
    withholdOtherShards(filterChanges(items, input.filter).toSorted(compareChanges), input.shard);
  const changes = select(selected);
  const dates = select(selectedDates);
  const fingerprint = fingerprintOf(input.baseUrl, changes, dates);
  return {
    baseUrl: input.baseUrl,
    head: input.head,
    scopes: summaries.toSorted(compareScopeIds),
    changes,
    counts: countActions(changes),
    dates,
    filtered: found - changes.length - dates.length,
    loosened: input.loosened,
    guards: liftAccepted(guards, fingerprint, input.accept, input.configPath),
    warnings,
    expiring: input.expiring,
    fingerprint,
    writes: input.writes,
    estimate: estimateWrites(changes, dates, input.paces, input.writes),
  };
}

/** Marks what any of the policies protects. */
function markProtected<Item extends Change | ExpiryChange>(
  items: readonly Item[],
  policies: readonly ScopePolicy[],
): readonly Item[] {
  const listing = policies
    .filter(({ protect }) => protect.flags.length + protect.contexts.length > 0)
    .map(protectedBy);
  if (listing.length === 0) return items;
  return items.map((item) =>
    listing.some((isListed) => isListed(item)) ? { ...item, protected: true } : item,
  );
}

function guardedScope(
  planned: PlannedScope & { readonly handedOver: HandedOver },
  changes: readonly Change[],
  dates: readonly ExpiryChange[],
  applied: AppliedPolicy | undefined,
  { allowLoosened }: ScopeLifts,
): GuardedScope {
  const { comparison, handedOver } = planned;
  const alreadyLive = comparison.unchanged.filter((key) => declaresValue(planned, key));
  // What this commit adopts is not ours yet: counted here, it would make any number of removals look like a small share.
  const { declaredThen } = planned.history;
  const alreadyOurs = alreadyLive.filter(
    (key) => declaredThen === undefined || wasDeclared(planned.history, key),
  );
  const ours = alreadyOurs.length + changes.filter((change) => change.before !== null).length;
  return {
    scope: comparison.scope,
    policy: comparison.policy,
    lastApplied: allowLoosened ? undefined : applied,
    moved: applied?.moved,
    changes,
    dates,
    // What this commit hands over is still ours: without it, few enough would be left for no share to count. But it must
    // not make a removal a smaller share either, so that both totals count.
    totals: ({ prune }) =>
      pruneRules(prune).limitsAreShareOf === 'live'
        ? [comparison.liveCount, comparison.liveCount + handedOver.leftAlone]
        : [ours, ours + handedOver.leftAlone + handedOver.others],
    kept: alreadyLive.length + changes.filter((change) => change.after !== null).length,
    declared: planned.declared.size,
  };
}

/** Whether an override is declared with anything but `null`. */
function declaresValue(planned: PlannedScope, key: string): boolean {
  return planned.declared.get(key)?.setting.type !== 'none';
}

function wasDeclared(history: ScopeHistory, key: string): boolean {
  const then = history.declaredThen?.get(key);
  return then !== undefined && then.type !== 'none' && !wasLeftAlone(then, asApplied(history));
}

function countByFlag(unmanaged: readonly { readonly flag: string }[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const { flag } of unmanaged.toSorted((a, b) => compareText(a.flag, b.flag))) {
    counts.set(flag, (counts.get(flag) ?? 0) + 1);
  }
  return Object.fromEntries(counts);
}

/** Ownership sees only the first-parent history, so that the same deletion can remove more once it is merged. */
function keptByCommits(scope: ScopeId, count: number): string[] {
  if (count === 0) return [];
  const stay = count === 1 ? 'override stays' : 'overrides stay';
  return [
    `${scopeKey(scope)}: ${count} ${stay} live only because a commit that was not applied says manage: keep or none (apply that commit before the declaration is deleted: if both are merged or squashed as one, the next apply removes what should stay)`,
  ];
}

/** LaunchDarkly advises against more individual targets than this in one environment, since SDKs slow down. */
const ADVISED_TARGETS = 10_000;

function tooManyTargets({ comparison, live }: PlannedScope, changes: readonly Change[]): string[] {
  let targets = countActions(changes).add - countActions(changes).remove;
  for (const flag of live.flags.values())
    targets += flag.environments.get(comparison.scope.environment)?.targets.size ?? 0;
  if (targets <= ADVISED_TARGETS) return [];
  const name = scopeKey(comparison.scope);
  return [
    `${name}: ${targets} individual targets; LaunchDarkly advises against more than ${ADVISED_TARGETS} in an environment (use rules or segments)`,
  ];
}
