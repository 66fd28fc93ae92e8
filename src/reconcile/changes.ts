import { attemptedFilter } from './attempted.js';
import type { Difference, ScopeComparison, Undesired } from './compare.js';
import { appliedSetting, asApplied, fateOf, forbidsRemoval, wasLeftAlone } from './managed-then.js';
import type { HistoryAnswer, HistoryAnswers, ScopeHistory } from './ownership.js';
import {
  type Action,
  type Change,
  type ChangeWarning,
  hasMoved,
  isSetElsewhere,
  type Mark,
  type OverrideValue,
  type Provenance,
  type Withheld,
} from './plan.js';
import type { ScopePolicy } from './policy.js';
import { resolveSetting } from './setting.js';
import {
  type DeclaredSetting,
  type LiveFlag,
  type LiveProject,
  type OverrideId,
  overrideKey,
  scopedKey,
  type Variation,
} from './state.js';

/** Which changes the command line withholds. */
export interface ChangeOptions {
  readonly noRemovals: boolean;
}

/** The changes of one scope, and the live overrides that are not ours. */
export interface ScopeChanges {
  readonly changes: readonly Change[];
  readonly unmanaged: readonly Undesired[];
  /** How many of those were ours, and `manage` says that they stay. */
  readonly released: number;
  /** How many of these would be removed if only last-applied decided. */
  readonly releasedSince: number;
}

/** Decides what changes in a scope, once live, desired and history are known. */
export function scopeChanges(
  comparison: ScopeComparison,
  live: LiveProject,
  history: ScopeHistory,
  answers: HistoryAnswers,
  options: ChangeOptions,
): ScopeChanges {
  const { scope, policy, now } = comparison;
  const changes: Change[] = [];
  const mayBeAttempted = attemptedFilter(history.attempts, (setting) => !wasLeftAlone(setting, history));
  const mayBeOurs = attemptedFilter(history.attempts, (setting) => !forbidsRemoval(setting, history));
  const unmanaged: Undesired[] = [];
  let [released, releasedSince] = [0, 0];
  const variationsOf = ({ flag }: OverrideId): readonly Variation[] => live.flags.get(flag)?.variations ?? [];
  const complete = (draft: ChangeDraft, answer: HistoryAnswer | undefined, origin: Origin): Change => {
    const { flag, kind, key, declared, before, after } = draft;
    const { mark, liveMoved } = markFor(draft, history, now, variationsOf(draft), origin);
    const change: Change = {
      project: scope.project,
      environment: scope.environment,
      flag,
      kind,
      key,
      action: actionOf(before, after),
      before,
      after,
      at: declared?.at,
      provenance: answer?.provenance ?? UNKNOWN,
      mark,
      liveMoved,
      warnings: warningsOf(draft, comparison, live.flags.get(flag)),
      withheld: withheldBy(policy, mark, after, options),
    };
    const drift = hasMoved(change) ? { declared: after, live: before } : undefined;
    // Most changes have none of these, and copying is slow.
    if (declared?.owner === undefined && declared?.reason === undefined && drift === undefined) return change;
    return {
      ...change,
      ...(drift === undefined ? {} : { drift }),
      ...(declared?.owner === undefined ? {} : { owner: declared.owner }),
      ...(declared?.reason === undefined ? {} : { reason: declared.reason }),
    };
  };
  for (const difference of comparison.differences) {
    const answer = answers.get(scopedKey(scope, difference));
    const { before } = difference;
    const wasAttempted =
      before !== null && mayBeAttempted(difference, before.variation, variationsOf(difference));
    changes.push(complete(difference, answer, { wasAttempted, isOurs: wasAttempted }));
  }
  for (const undesired of comparison.undesired) {
    const answer = answers.get(scopedKey(scope, undesired));
    const { variation } = undesired.before;
    const wasAttempted = mayBeAttempted(undesired, variation, variationsOf(undesired));
    const attempted = wasAttempted && mayBeOurs(undesired, variation, variationsOf(undesired));
    const declaredSince = answer?.declaredSince === true && !undesired.expired;
    const claims = { attempted, declaredSince, released: answer?.released === true };
    const fate = fateOf(undesired, variationsOf(undesired), policy, history, claims);
    if (fate === 'released') {
      released += 1;
      const withoutSince = fateOf(undesired, variationsOf(undesired), policy, history, {
        ...claims,
        released: false,
      });
      if (withoutSince === 'removed') releasedSince += 1;
    }
    if (fate === 'removed') {
      const isOurs = wasAttempted || declaredSince;
      const draft = { ...undesired, declared: undefined, expired: false, after: null };
      changes.push(complete(draft, answer, { wasAttempted, isOurs }));
    } else unmanaged.push(undesired);
  }
  return { changes, unmanaged, released, releasedSince };
}

const UNKNOWN: Provenance = { type: 'unknown' };

/** The part of a change that is known before history is considered. */
interface ChangeDraft extends OverrideId {
  readonly declared: Difference['declared'] | undefined;
  readonly expired: boolean;
  readonly before: OverrideValue | null;
  readonly after: OverrideValue | null;
}

/** What is known about where a live value comes from. */
interface Origin {
  /** Whether an attempt may have written it. */
  readonly wasAttempted: boolean;
  /** Whether it is ours although last-applied does not declare it. */
  readonly isOurs: boolean;
}

function actionOf(before: OverrideValue | null, after: OverrideValue | null): Action {
  if (after === null) return 'remove';
  return before === null ? 'add' : 'update';
}

function markFor(
  draft: ChangeDraft,
  history: ScopeHistory,
  now: number,
  variations: readonly Variation[],
  { wasAttempted, isOurs }: Origin,
): { mark: Mark; liveMoved: boolean } {
  if (draft.expired) return { mark: 'expired', liveMoved: false };
  if (history.declaredThen === undefined) return { mark: 'unknown', liveMoved: false };
  const then = appliedSetting(draft, draft.before?.variation, variations, asApplied(history));
  if (then === undefined || (then.type === 'none' && draft.declared === undefined)) {
    if (draft.declared !== undefined || isOurs) return { mark: 'pending', liveMoved: false };
    // Set by hand or by another tool. It is drift only if last-applied says that there must be no override.
    return { mark: then === undefined ? 'unmanaged' : 'drift', liveMoved: false };
  }
  const resolution = resolveSetting(then, variations);
  const applied = resolution.type === 'variation' ? resolution.index : undefined;
  const before = draft.before?.variation;
  // An override that had expired should not be live, and is not drift if it is gone. A later date is a new declaration.
  if (hadExpired(draft, then, history, now))
    return {
      mark: 'pending',
      liveMoved: !wasAttempted && before !== undefined && before !== applied,
    };
  const isSame =
    (resolution.type === 'variation' || resolution.type === 'none') && applied === draft.after?.variation;
  // What an attempt may have written, for example with a late write, is not a change made elsewhere. A value that was
  // only declared since is one: no apply of ours wrote it.
  if (isSame) return { mark: wasAttempted ? 'pending' : 'drift', liveMoved: false };
  return { mark: 'pending', liveMoved: !wasAttempted && applied !== before };
}

/** Whether an override was last applied with a date that has passed, so that it was to be removed. */
function hadExpired(id: OverrideId, then: DeclaredSetting, history: ScopeHistory, now: number): boolean {
  // Looked up only if there are any: making the key is slow for a large plan.
  const date = history.datesThen.size === 0 ? undefined : history.datesThen.get(overrideKey(id));
  return date !== undefined && date <= now && !forbidsRemoval(then, history);
}

/** A removal needs none: it does not rely on the flag. */
function warningsOf(
  draft: ChangeDraft,
  { scope, noEffect }: ScopeComparison,
  flag: LiveFlag | undefined,
): readonly ChangeWarning[] {
  const warnings: ChangeWarning[] = [];
  const environment = flag?.environments.get(scope.environment);
  if (flag === undefined || environment === undefined || draft.after === null) return warnings;
  if (!environment.on) warnings.push('flag-off');
  if (flag.state === 'deprecated') warnings.push('flag-deprecated');
  if (environment.prerequisites.length > 0) warnings.push('prerequisites');
  // Looked up only if there are any: making the key is slow for a large plan.
  if (noEffect.size > 0 && noEffect.has(overrideKey(draft))) warnings.push('no-effect');
  return warnings;
}

function withheldBy(
  policy: ScopePolicy,
  mark: Mark,
  after: OverrideValue | null,
  options: ChangeOptions,
): Withheld | undefined {
  if (policy.paused !== undefined) return 'paused';
  if (policy.drift === 'report' && isSetElsewhere(mark)) return 'drift-report';
  return options.noRemovals && after === null ? 'no-removals' : undefined;
}
