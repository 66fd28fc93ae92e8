import type { ScopeComparison } from './compare.js';
import { manageRules } from './manage.js';
import type { ScopePolicy } from './policy.js';
import { pruneRules } from './prune.js';
import { contextKey, type DesiredScope, type LiveProject, overrideKey } from './state.js';
import type { TidyReason } from './tidy-reasons.js';

/** Why a declaration stays although there is a reason to delete it. */
export type TidyObstacle =
  /** LaunchDarkly serves a value that someone else set; without the declaration, it could be pruned. */
  | 'other-value'
  /** It is live and nothing would remove it, since the scope prunes nothing. */
  | 'still-live'
  /** The same, as far as is known without asking LaunchDarkly. */
  | 'maybe-live'
  /** Its `manage` keeps it, and without the declaration the scope would prune it. */
  | 'protected'
  /** What is live is not what is declared; an apply has to come first. */
  | 'pending'
  /**
   * The scope prunes what else is live for contexts that it declares, which the next apply would no longer do for this
   * one.
   */
  | 'context'
  /** The same, as far as is known without asking LaunchDarkly. */
  | 'maybe-context'
  /** It is declared for several environments, and only some of them have a reason to delete it. */
  | 'other-scope';

/** What is known about one scope. */
export interface TidyInput {
  readonly desired: DesiredScope;
  /** Other reasons do not count. */
  readonly reasons: ReadonlySet<TidyReason>;
  readonly policy: Pick<ScopePolicy, 'prune' | 'manage'>;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Undefined if LaunchDarkly was not asked. */
  readonly live:
    | {
        readonly project: Pick<LiveProject, 'flags'>;
        readonly comparison: Pick<
          ScopeComparison,
          'noEffect' | 'differences' | 'undesired' | 'archived' | 'untouched'
        >;
      }
    | undefined;
}

/** What should happen to a declaration for which there is a reason to delete it. */
export interface TidyVerdict {
  readonly reason: TidyReason;
  /** Undefined if it can be deleted. */
  readonly obstacle: TidyObstacle | undefined;
}

/**
 * Decides which declarations of a scope can be deleted without changing what anyone is served, now or at the next apply
 * (apart from the removal of expired overrides, which the next apply would do anyway).
 * @returns by `overrideKey`, only those that there is a reason to delete
 */
export function tidyScope(input: TidyInput): ReadonlyMap<string, TidyVerdict> {
  const { desired, reasons, policy, now, live } = input;
  const verdicts = new Map<string, TidyVerdict>();
  const obstacles = live === undefined ? undefined : obstaclesIn(live.comparison, policy);
  const prunesOthers = pruneRules(policy.prune).removesOthers({ contextDeclared: true });
  for (const [id, { flag, expires, setting, manage = policy.manage }] of desired.overrides) {
    const isKept = prunesOthers && manageRules(manage).removes === 'none';
    if (reasons.has('archived') && live?.project.flags.get(flag)?.state === 'archived')
      verdicts.set(id, { reason: 'archived', obstacle: undefined });
    else if (reasons.has('expired') && expires !== undefined && expires.at <= now) {
      const unseen = policy.prune === 'never' && setting.type !== 'none' ? 'maybe-live' : undefined;
      const obstacle = obstacles === undefined ? unseen : obstacles.get(id);
      verdicts.set(id, { reason: 'expired', obstacle: isKept ? 'protected' : obstacle });
    } else if (reasons.has('no-effect') && live?.comparison.noEffect.get(id) === 'fallthrough')
      verdicts.set(id, { reason: 'no-effect', obstacle: isKept ? 'protected' : obstacles?.get(id) });
  }
  return policy.prune === 'contexts' ? withContexts(verdicts, desired, live, now) : verdicts;
}

/** Keeps declarations that are the last ones of a context for which something else would be pruned. */
function withContexts(
  verdicts: ReadonlyMap<string, TidyVerdict>,
  { overrides }: DesiredScope,
  live: TidyInput['live'],
  now: number,
): ReadonlyMap<string, TidyVerdict> {
  const staying = new Set<string>();
  for (const [id, { kind, key }] of overrides) if (!verdicts.has(id)) staying.add(contextKey(kind, key));
  const pruned = live?.comparison.undesired.filter(({ expired }) => !expired);
  const contexts = pruned && new Set(pruned.map(({ kind, key }) => contextKey(kind, key)));
  const unchanged = new Set([...(live?.comparison.archived ?? []), ...(live?.comparison.untouched ?? [])]);
  const result = new Map<string, TidyVerdict>();
  for (const [id, { kind, key, expires }] of overrides) {
    const verdict = verdicts.get(id);
    if (verdict === undefined) continue;
    const context = contextKey(kind, key);
    const isLast = !staying.has(context) && (contexts?.has(context) ?? true);
    // One of an archived flag that is not live as declared prevents every apply, so it has to go.
    const isExpired = expires !== undefined && expires.at <= now;
    const preventsApply = verdict.reason === 'archived' && !unchanged.has(id) && !isExpired;
    const obstacle = contexts === undefined ? 'maybe-context' : 'context';
    const isKept = isLast && !preventsApply && verdict.obstacle === undefined;
    result.set(id, isKept ? { ...verdict, obstacle } : verdict);
  }
  return result;
}

/** What is live and keeps a declaration, by `overrideKey`. */
function obstaclesIn(
  { differences, undesired }: Pick<ScopeComparison, 'differences' | 'undesired'>,
  { prune }: TidyInput['policy'],
): ReadonlyMap<string, TidyObstacle> {
  const obstacles = new Map<string, TidyObstacle>();
  for (const difference of differences) {
    if (difference.before === null) continue;
    if (!difference.expired) obstacles.set(overrideKey(difference), 'pending');
    else if (prune === 'never') obstacles.set(overrideKey(difference), 'still-live');
  }
  // Only the expired ones among them are declared; the others are never looked up.
  for (const override of undesired) obstacles.set(overrideKey(override), 'other-value');
  return obstacles;
}
