import type { ScopeComparison, Undesired } from './compare.js';
import { type ManageMode, manageRules } from './manage.js';
import type { ScopeHistory } from './ownership.js';
import { flagFilter, type ScopePolicy } from './policy.js';
import { pruneRules } from './prune.js';
import { selects } from './setting.js';
import {
  contextKey,
  type DeclaredSetting,
  type LiveProject,
  type OverrideId,
  overrideKey,
  parseOverrideKey,
  type Variation,
} from './state.js';

// What was declared in the past counts with the `manage` that it had then: an override that was never to be removed is
// not removed because its declaration is gone.

type Default = Pick<ScopeHistory, 'manage'>;

function rulesThen({ manage }: DeclaredSetting, history: Default): ReturnType<typeof manageRules> {
  const mode: ManageMode = manage ?? history.manage ?? 'full';
  return manageRules(mode);
}

/** Whether a commit declared an override that must stay once it is no longer declared. */
export function forbidsRemoval(setting: DeclaredSetting, history: Default): boolean {
  return rulesThen(setting, history).removes === 'none';
}

/** Whether a commit declared an override that must be left alone. */
export function wasLeftAlone(setting: DeclaredSetting, history: Default): boolean {
  return !rulesThen(setting, history).adds;
}

/**
 * The history in which settings without their own `manage` have that of the scope when it was last applied. This is how
 * they were managed until now; what may be removed can be less.
 */
export function asApplied(history: ScopeHistory): ScopeHistory {
  const { appliedManage } = history;
  return appliedManage === undefined ? history : { ...history, manage: appliedManage };
}

/**
 * The last-applied setting of an override, as far as what was live then is ours; undefined if it was not declared, or
 * left alone, also because another value was live that `manage: create` does not change.
 * @param before the live variation; undefined for none
 * @param variations of its flag
 */
export function appliedSetting(
  id: OverrideId,
  before: number | undefined,
  variations: readonly Variation[],
  history: ScopeHistory,
): DeclaredSetting | undefined {
  const then = history.declaredThen?.get(overrideKey(id));
  if (then === undefined || wasLeftAlone(then, history)) return undefined;
  if (before === undefined || rulesThen(then, history).updates) return then;
  return selects(then, variations, before) ? then : undefined;
}

/**
 * How many live overrides were ours when the scope was last applied, and are no longer managed: HEAD leaves them alone,
 * or declares them no longer and keeps them.
 * @param declared what HEAD declares, by `overrideKey`
 * @param unmanaged the live overrides that are not declared and stay
 */
export function countHandedOver(
  { scope, policy, untouched }: ScopeComparison,
  declared: ReadonlyMap<string, { readonly manage?: ManageMode }>,
  unmanaged: readonly Undesired[],
  live: LiveProject,
  history: ScopeHistory,
): HandedOver {
  const then = asApplied(history);
  const wasOurs = (id: OverrideId, before: number | undefined): boolean => {
    if (before === undefined) return false;
    const variations = live.flags.get(id.flag)?.variations ?? [];
    const setting = appliedSetting(id, before, variations, then);
    return setting !== undefined && setting.type !== 'none';
  };
  const mayTouch = flagFilter(policy);
  let [leftAlone, others] = [0, 0];
  for (const key of untouched) {
    const id = parseOverrideKey(key);
    const flag = live.flags.get(id.flag);
    if (flag === undefined || flag.state === 'archived' || !mayTouch(id.flag)) continue;
    const targets = flag.environments.get(scope.environment)?.targets;
    if (!wasOurs(id, targets?.get(contextKey(id.kind, id.key)))) continue;
    if (manageRules(declared.get(key)?.manage ?? policy.manage).adds) others += 1;
    else leftAlone += 1;
  }
  others += unmanaged.filter((it) => !it.expired && wasOurs(it, it.before.variation)).length;
  return { leftAlone, others };
}

/** Live overrides that were ours and are no longer managed. */
export interface HandedOver {
  /** Those that HEAD declares with `manage: none`. */
  readonly leftAlone: number;
  readonly others: number;
}

/** What commits other than last-applied mean for a live value that is not desired. */
export interface Claims {
  /** Whether an attempt that was allowed to remove it may have written it. */
  readonly attempted: boolean;
  /** Whether a commit since last-applied declared it, and allowed to remove it. */
  readonly declaredSince: boolean;
  /** Whether the newest commit since last-applied that declared it did not allow to remove it. */
  readonly released: boolean;
}

/**
 * Decides what happens to a live override that is not desired, from the prune mode, ownership and its `manage` until now.
 * `released`: it was ours, and `manage` says that it stays; undefined: it is not ours.
 * @param variations of its flag
 */
export function fateOf(
  undesired: Undesired,
  variations: readonly Variation[],
  policy: ScopePolicy,
  history: ScopeHistory,
  { attempted, declaredSince, released }: Claims,
): 'removed' | 'released' | undefined {
  const rules = pruneRules(policy.prune);
  if (rules.removesOthers(undesired)) return 'removed';
  if (!rules.removesOurs) return undefined;
  // Another value than the one that expired is not ours, unless an attempt wrote it.
  if (undesired.expired) return attempted ? 'removed' : undefined;
  const then = history.declaredThen?.get(overrideKey(undesired));
  const applied = appliedSetting(undesired, undesired.before.variation, variations, history);
  const wasOurs = applied !== undefined && applied.type !== 'none';
  if (!attempted && !declaredSince && !wasOurs) return undefined;
  if (released) return 'released';
  // A commit in between that allowed to remove it was not applied, unless an attempt shows that it may have been.
  const mustStay = then !== undefined && then.type !== 'none' && forbidsRemoval(then, history);
  return mustStay && !attempted ? 'released' : 'removed';
}
