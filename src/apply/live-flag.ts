import type { FlagWriter } from '../launchdarkly/client.js';
import type { Change } from '../reconcile/plan.js';
import { contextKey, type LiveFlag, type ScopeId } from '../reconcile/state.js';
import { type Result, skipped } from './outcome.js';

/** A flag in one environment: writes to it go one at a time. */
export type FlagInScope = ScopeId & { readonly flag: string };

/** Reads a flag as it is now; undefined if it was deleted. */
export function readFlag(
  { project, environment, flag }: FlagInScope,
  writer: FlagWriter,
): Promise<LiveFlag | undefined> {
  return writer.getFlag(project, flag, [environment]);
}

/** The result of changes to a flag that was archived or deleted since the plan; undefined if it can be written to. */
export function unwritable(flag: LiveFlag | undefined, target: FlagInScope): Result | undefined {
  if (flag === undefined)
    return skipped('flag-deleted', `${target.flag} was deleted since the plan was made`, 'flag');
  if (flag.state === 'archived')
    return skipped('flag-archived', `${target.flag} was archived since the plan was made`, 'flag');
  return undefined;
}

/** Index of the variation that a change's override has in a flag, or undefined for no override. */
export function liveVariation(flag: LiveFlag | undefined, change: Change): number | undefined {
  return flag?.environments.get(change.environment)?.targets.get(contextKey(change.kind, change.key));
}

/** Id of the variation that a change's override has in a flag, or undefined for no override. */
export function liveVariationId(flag: LiveFlag, change: Change): string | undefined {
  const index = liveVariation(flag, change);
  return index === undefined ? undefined : flag.variations[index]?.id;
}

/** The result of a change whose override was changed elsewhere since the plan. */
export function liveMoved(): Result {
  return skipped('live-moved', 'live moved since the plan was made; plan again');
}
