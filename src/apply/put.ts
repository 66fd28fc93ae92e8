import type { ApiError } from '../launchdarkly/http/api-error.js';
import { Delivery } from '../launchdarkly/http/delivery.js';
import { backoff } from '../launchdarkly/http/retry.js';
import type { Change } from '../reconcile/plan.js';
import { canPut } from '../reconcile/writes.js';
import { classify, tooManyConflicts } from './classify.js';
import { liveMoved, liveVariation, readFlag, unwritable } from './live-flag.js';
import { type ChangeResult, type ExecutionOptions, MAX_CONFLICTS } from './options.js';
import { applied, failed, type Result } from './outcome.js';
import { settle } from './settle.js';

/**
 * Makes one change with a PUT. After a conflict with another write, checks what is live and tries again. If an answer was
 * lost, looks the override up.
 */
export async function applyPut(change: Change, options: ExecutionOptions): Promise<readonly ChangeResult[]> {
  const delivery = new Delivery();
  const result = await put(change, options, delivery);
  return settle([{ change, result }], () => !delivery.isAnswered, change, options.writer);
}

async function put(change: Change, options: ExecutionOptions, delivery: Delivery): Promise<Result> {
  const { writer, clock } = options;
  if (!canPut(change)) {
    // LaunchDarkly takes null as "no override", which is not what was asked for.
    const message = 'a PUT cannot select this variation: its value is null or shared with another';
    return failed('not-settable', message);
  }
  if (options.dryRun) {
    const message = 'a PUT cannot be checked, and LaunchDarkly gave no variation id for a patch';
    return failed('not-settable', message);
  }
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      const comment = options.commentOf(change);
      await writer.putSetting(change, change, change.after?.value ?? null, comment, delivery);
      return applied('written');
    } catch (error) {
      const result = await classify(error, change, writer, (refusal) => checkLive(refusal, change, options));
      if (result !== undefined) return result;
      if (conflicts >= MAX_CONFLICTS) return tooManyConflicts(change, error);
      await clock.sleep(backoff(conflicts, clock.random()) / 2);
    }
  }
}

/** Decides by what is live now. Undefined if the write may be tried again. */
async function checkLive(
  error: ApiError,
  change: Change,
  { writer, strict }: ExecutionOptions,
): Promise<Result | undefined> {
  const flag = await readFlag(change, writer);
  const gone = unwritable(flag, change);
  if (gone !== undefined) return gone;
  if (error.status !== 409) return failed('refused', error.message, { cause: error });
  const live = liveVariation(flag, change);
  if (live === change.after?.variation) return applied('already-live', 'another write made the same change');
  return strict && live !== change.before?.variation ? liveMoved() : undefined;
}
