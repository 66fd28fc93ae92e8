import { appliedDate, type ExpiryChange, isSameDate } from './dates.js';
import { estimateWrites } from './estimate.js';
import { fingerprintOf } from './fingerprint.js';
import { type ManageMode, manageRules } from './manage.js';
import type { ScopeHistory } from './ownership.js';
import { type Change, countActions, hasMoved, isSetElsewhere, type Plan } from './plan.js';
import { flagFilter, type ScopePolicy } from './policy.js';
import { pruneRules } from './prune.js';
import { contextKey, type DeclaredSetting, overrideKey, parseOverrideKey, scopeKey } from './state.js';

/** The drift in a plan, as a plan. It is not meant to be applied, so it has no guards. */
export function driftOf(plan: Plan): Plan {
  const changes = plan.changes.filter(({ drift }) => drift !== undefined);
  const dates = plan.dates.filter(hasMoved);
  return {
    ...plan,
    changes,
    dates,
    counts: countActions(changes),
    scopes: plan.scopes.map((scope) => ({
      ...scope,
      counts: countActions(changes.filter((change) => scopeKey(change) === scopeKey(scope))),
    })),
    loosened: [],
    guards: [],
    expiring: { past: [], soon: [] },
    fingerprint: fingerprintOf(plan.baseUrl, changes, dates),
    estimate: estimateWrites(changes, dates, plan.estimate.paces, plan.writes),
  };
}

/** Predicates for the changes that repair drift. */
interface RepairFilter {
  readonly isRepair: (change: Change) => boolean;
  readonly isDateRepair: (date: ExpiryChange) => boolean;
}

/**
 * Selects what restores the state that was last applied to a scope, and nothing that is only declared since: `--only drift`.
 * An override that was set elsewhere and never declared is removed only if the last applied policy would remove it too.
 * @param applied the policy with which the scope was last applied; undefined if it is not known
 */
export function repairFilter(history: ScopeHistory, applied: ScopePolicy | undefined): RepairFilter {
  const wasUnwanted = unwantedFilter(history, applied);
  return {
    isRepair: (change) => change.mark === 'drift' || (change.mark === 'unmanaged' && wasUnwanted(change)),
    // The date of a drifted override may be pending: the override is restored, and the date waits for the next apply.
    // Before `expiry: launchdarkly` was applied, no date there was ours.
    isDateRepair: (date) =>
      applied?.expiry === 'launchdarkly' &&
      date.mark === 'drift' &&
      isSameDate(appliedDate(date, history) ?? null, date.after),
  };
}

/**
 * Clears `drift` of removals that are due only to what was declared or configured since last-applied: such an override may
 * have been live when the scope was applied, without any change since.
 */
export function withoutPendingRemovals(
  changes: readonly Change[],
  history: ScopeHistory,
  applied: ScopePolicy,
): readonly Change[] {
  // Finding the contexts is slow for a large scope, and most plans have no such removal.
  if (!changes.some(({ mark }) => mark === 'unmanaged')) return changes;
  const wasUnwanted = unwantedFilter(history, applied);
  return changes.map((change) => {
    if (change.mark !== 'unmanaged' || wasUnwanted(change)) return change;
    const { drift: _, ...rest } = change;
    return rest;
  });
}

/** A predicate for overrides that are not declared: whether an apply of the last applied commit would remove them. */
function unwantedFilter(
  { declaredThen }: ScopeHistory,
  applied: ScopePolicy | undefined,
): (change: Change) => boolean {
  if (declaredThen === undefined || applied === undefined) return () => false;
  const contexts = contextsIn(declaredThen, applied.manage);
  const mayTouch = flagFilter(applied);
  const { removesOthers } = pruneRules(applied.prune);
  return (change) =>
    // What was declared was set, or its manage left it alone.
    !declaredThen.has(overrideKey(change)) &&
    mayTouch(change.flag) &&
    removesOthers({ contextDeclared: contexts.has(contextKey(change.kind, change.key)) });
}

/**
 * The contexts for which something was declared that was not left alone.
 * @param fallback what counted for overrides without their own `manage`
 */
function contextsIn(
  declared: ReadonlyMap<string, DeclaredSetting>,
  fallback: ManageMode,
): ReadonlySet<string> {
  const contexts = new Set<string>();
  for (const [override, setting] of declared) {
    if (!manageRules(setting.manage ?? fallback).adds) continue;
    const { kind, key } = parseOverrideKey(override);
    contexts.add(contextKey(kind, key));
  }
  return contexts;
}

/** Whether `--only drift` repairs a change, unless only a policy that was not applied yet asks for it. */
export function isRepairable({ mark, withheld }: Pick<Change, 'mark' | 'withheld'>): boolean {
  return isSetElsewhere(mark) && withheld === undefined;
}
