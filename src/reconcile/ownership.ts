import { attemptedFilter, type AttemptedState } from './attempted.js';
import type { ScopeComparison, Undesired } from './compare.js';
import type { ManageMode } from './manage.js';
import { forbidsRemoval } from './managed-then.js';
import type { Provenance } from './plan.js';
import { flagFilter, type ScopePolicy } from './policy.js';
import { pruneRules } from './prune.js';
import { selects } from './setting.js';
import {
  type Commit,
  type DeclaredSetting,
  type LiveProject,
  type OverrideId,
  parseOverrideKey,
  type ScopeId,
} from './state.js';

/** What git knows about one scope as a whole. */
export interface ScopeHistory {
  /** The commit that was last applied; undefined if none is recorded. */
  readonly lastApplied: Commit | undefined;
  /** What that commit declares in the scope, by `overrideKey`; undefined if none is recorded. */
  readonly declaredThen: ReadonlyMap<string, DeclaredSetting> | undefined;
  /** The dates that it declares, by `overrideKey`, epoch milliseconds. */
  readonly datesThen: ReadonlyMap<string, number>;
  /** What applies that may not have finished were about to write. */
  readonly attempts: readonly AttemptedState[];
  /** What counts for settings of the past without their own `manage`; undefined for `full`. */
  readonly manage?: ManageMode;
  /** What the configuration said about such settings when the scope was last applied, if `manage` may differ from it. */
  readonly appliedManage?: ManageMode;
}

/** A question to history about one override. */
export interface Question {
  readonly scope: ScopeId;
  readonly id: OverrideId;
  /** For a live override that is not desired: whether a setting that was declared once makes what is live ours. */
  readonly isLive?: (setting: DeclaredSetting) => boolean;
  /** For such an override: whether a setting that was declared once means that it must not be removed. */
  readonly isReleased?: (setting: DeclaredSetting) => boolean;
}

/** The answer of history about one override. */
export interface HistoryAnswer {
  readonly provenance: Provenance;
  /**
   * Whether a commit since last-applied (without a ref: any commit) declared exactly the value that is live, and allowed
   * to remove it.
   */
  readonly declaredSince: boolean;
  /** Whether it must not be removed, according to the newest commit since last-applied that declared it. */
  readonly released?: true;
}

/** Answers by `scopedKey`. */
export type HistoryAnswers = ReadonlyMap<string, HistoryAnswer>;

/** The questions to history that planning one scope needs: none about overrides that are live as desired. */
export function questionsFor(
  comparison: ScopeComparison,
  live: LiveProject,
  history: Pick<ScopeHistory, 'attempts' | 'manage'> = { attempts: [] },
): Question[] {
  const { scope, policy } = comparison;
  const isAttempted = attemptedFilter(history.attempts);
  // An expired override with another value is ours only if an attempt may have written that value.
  const expired = comparison.undesired.filter(
    (it) => it.expired && isAttempted(it, it.before.variation, live.flags.get(it.flag)?.variations ?? []),
  );
  const provenance = [...comparison.differences, ...expired].map((id) => ({ scope, id }));
  const ownership = comparison.undesired
    .filter((undesired) => mayPrune(undesired, policy))
    .map((undesired) => {
      const { flag, before } = undesired;
      const variations = live.flags.get(flag)?.variations ?? [];
      return {
        scope,
        id: undesired,
        isLive: (setting: DeclaredSetting) =>
          !forbidsRemoval(setting, history) && selects(setting, variations, before.variation),
        isReleased: (setting: DeclaredSetting) => forbidsRemoval(setting, history),
      };
    });
  return [...provenance, ...ownership];
}

/** How many overrides that were declared at last-applied the configuration now excludes. */
export function countReleased(history: ScopeHistory, policy: ScopePolicy | undefined): number {
  const mayTouch = policy === undefined ? () => false : flagFilter(policy);
  let released = 0;
  for (const [key, setting] of history.declaredThen ?? []) {
    if (setting.type !== 'none' && !mayTouch(parseOverrideKey(key).flag)) released += 1;
  }
  return released;
}

/** Whether the prune mode could remove this override, depending on history. */
function mayPrune(undesired: Undesired, policy: ScopePolicy): boolean {
  const rules = pruneRules(policy.prune);
  return rules.removesOthers(undesired) || (rules.removesOurs && !undesired.expired);
}
