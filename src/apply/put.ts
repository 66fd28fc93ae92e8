import type { ApiError } from '../launchdarkly/http/api-error.js';
import { backoff } from '../launchdarkly/http/retry.js';
import type { Change } from '../reconcile/plan.js';
import { canPut } from '../reconcile/writes.js';
import { classify, liveVariation, readFlag, tooManyConflicts, unwritable } from './classify.js';
import { type ExecutionOptions, MAX_CONFLICTS } from './options.js';
import { result, type Result } from './outcome.js';

/** Makes one change with a PUT, and reads the flag again where somebody else wrote to it in the same moment. */
export async function applyPut(change: Change, options: ExecutionOptions): Promise<Result> {
  const { writer, clock } = options;
  if (!canPut(change)) {
    // LaunchDarkly takes a null for "no override", which is not what was asked for.
    return result('failed', 'not-settable', 'a PUT cannot name this variation: its value is null, or shared');
  }
  if (options.dryRun) {
    return result(
      'failed',
      'not-settable',
      'a PUT cannot be checked, and LaunchDarkly told no id for a patch',
    );
  }
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      await writer.putSetting(change, change, change.after?.value ?? null, options.commentOf(change));
      return result('applied', 'written', '');
    } catch (error) {
      const judged = await classify(error, change, writer, (refusal) => checkLive(refusal, change, options));
      if (judged !== undefined) return judged;
      if (conflicts >= MAX_CONFLICTS) return tooManyConflicts(change, error);
      await clock.sleep(backoff(conflicts, clock.random()) / 2);
    }
  }
}

/** What counts is what is live now. Undefined where the write may still go through. */
async function checkLive(
  error: ApiError,
  change: Change,
  { writer, strict }: ExecutionOptions,
): Promise<Result | undefined> {
  const flag = await readFlag(change, writer);
  const gone = unwritable(flag, change);
  if (gone !== undefined) return gone;
  if (error.status !== 409) return result('failed', 'refused', error.message, { cause: error });
  const live = liveVariation(flag, change);
  if (live === change.after?.variation)
    return result('applied', 'already-live', 'someone else wrote the same');
  if (strict && live !== change.before?.variation) {
    return result('skipped', 'live-moved', 'live moved since the plan was made; plan again');
  }
  return undefined;
}
