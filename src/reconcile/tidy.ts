import type { ScopeComparison } from './compare.js';
import type { ScopePolicy } from './policy.js';
import { resolveSetting } from './setting.js';
import {
  contextKey,
  type DesiredOverride,
  type DesiredScope,
  type LiveFlag,
  type LiveProject,
} from './state.js';
import type { TidyReason } from './tidy-reasons.js';

/** Why a declaration stays although there is a reason to delete it. */
export type TidyObstacle =
  /** LaunchDarkly serves a value that someone else set; without the declaration, it could be pruned. */
  | 'other-value'
  /** It is live and nothing would remove it, since the scope prunes nothing. */
  | 'still-live'
  /** The same, as far as is known without asking LaunchDarkly. */
  | 'maybe-live'
  /** What is live is not what is declared; an apply has to come first. */
  | 'pending'
  /** It is declared for several environments, and only some of them have a reason to delete it. */
  | 'other-scope';

/** What is known about one scope. */
export interface TidyInput {
  readonly desired: DesiredScope;
  readonly policy: ScopePolicy;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Undefined if LaunchDarkly was not asked. */
  readonly live:
    | {
        readonly project: LiveProject;
        readonly comparison: Pick<ScopeComparison, 'noEffect' | 'differences'>;
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
export function tidyScope({ desired, policy, now, live }: TidyInput): ReadonlyMap<string, TidyVerdict> {
  const verdicts = new Map<string, TidyVerdict>();
  const moved = new Set<string>();
  for (const { flag, kind, key, before } of live?.comparison.differences ?? [])
    if (before !== null) moved.add(`${flag}\n${contextKey(kind, key)}`);
  for (const [id, override] of desired.overrides) {
    const flag = live?.project.flags.get(override.flag);
    const isExpired = override.expires !== undefined && override.expires.at <= now;
    if (flag?.state === 'archived') verdicts.set(id, { reason: 'archived', obstacle: undefined });
    else if (isExpired)
      verdicts.set(id, {
        reason: 'expired',
        obstacle: expiredObstacle(override, flag, desired, policy, live),
      });
    else if (live?.comparison.noEffect.get(id) === 'fallthrough')
      verdicts.set(id, { reason: 'no-effect', obstacle: moved.has(id) ? 'pending' : undefined });
  }
  return verdicts;
}

function expiredObstacle(
  { kind, key, setting }: DesiredOverride,
  flag: LiveFlag | undefined,
  { scope }: DesiredScope,
  { prune }: ScopePolicy,
  live: TidyInput['live'],
): TidyObstacle | undefined {
  if (live === undefined) return prune === 'never' && setting.type !== 'none' ? 'maybe-live' : undefined;
  const index = flag?.environments.get(scope.environment)?.targets.get(contextKey(kind, key));
  if (flag === undefined || index === undefined) return undefined;
  const resolution = resolveSetting(setting, flag.variations);
  if (resolution.type !== 'variation' || resolution.index !== index) return 'other-value';
  return prune === 'never' ? 'still-live' : undefined;
}
