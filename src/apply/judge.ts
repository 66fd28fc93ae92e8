import { OperatorError } from '../diagnostics/operator-error.js';
import { ApiError } from '../launchdarkly/api-error.js';
import type { FlagWriter } from '../launchdarkly/client.js';
import { explainNetwork, tokenRejected } from '../launchdarkly/explain.js';
import { NetworkError } from '../launchdarkly/network-error.js';
import type { Change } from '../reconcile/plan.js';
import { contextKey, type LiveFlag } from '../reconcile/state.js';
import { verdict, type Verdict } from './outcome.js';

/** A write met a concurrent one, or the re-read says that it may still go through. */
export const TRY_AGAIN = 'try-again';

export interface JudgeOptions {
  readonly writer: FlagWriter;
  /** Whether an override that moved elsewhere since the plan is left alone. */
  readonly strict: boolean;
}

/** Decides what an error means for a change, asking LaunchDarkly where the answer alone does not tell. */
export async function judge(
  error: unknown,
  change: Change,
  options: JudgeOptions,
): Promise<Verdict | typeof TRY_AGAIN> {
  try {
    if (error instanceof ApiError) return await judgeAnswer(error, change, options);
    return judgeError(error);
  } catch (another) {
    return judgeError(another);
  }
}

async function judgeAnswer(
  error: ApiError,
  change: Change,
  options: JudgeOptions,
): Promise<Verdict | typeof TRY_AGAIN> {
  if (needsApproval(error)) {
    const message = `${change.flag} needs an approval in ${change.environment}`;
    return verdict('approval-required', 'approval-required', message, { reach: 'flag', cause: error });
  }
  switch (error.status) {
    case 401:
      if (!(await options.writer.tokenWorks())) {
        const { message } = tokenRejected(error);
        return verdict('failed', 'token-rejected', message, { reach: 'run', cause: error });
      }
      return missingPermission(error);
    case 403:
      return missingPermission(error);
    case 409:
      return afterConflict(change, options);
    case 400:
    case 404:
      return afterRefusal(error, change, options);
    case 429:
      return verdict('failed', 'rate-limited', error.message, { cause: error });
    default:
      return error.status >= 500
        ? verdict('failed', 'unavailable', error.message, { cause: error })
        : verdict('failed', 'refused', error.message, { cause: error });
  }
}

/**
 * Which status the PUTs answer where approvals are required is documented nowhere. Flags answer 405 elsewhere, other
 * resources 403 that says so.
 */
function needsApproval(error: ApiError): boolean {
  return error.status === 405 || (error.status === 403 && /\bapprov/i.test(`${error.code} ${error.detail}`));
}

function missingPermission(error: ApiError): Verdict {
  const message = `the token may not do this: ${error.detail === '' ? error.message : error.detail} (needs updateTargets on the flag)`;
  return verdict('failed', 'missing-permission', message, { cause: error });
}

/** Someone else wrote to the flag in the same moment: what counts is what is live now. */
async function afterConflict(change: Change, options: JudgeOptions): Promise<Verdict | typeof TRY_AGAIN> {
  const flag = await readFlag(change, options.writer);
  const gone = unwritable(flag, change);
  if (gone !== undefined) return gone;
  const live = liveVariation(flag, change);
  if (live === change.after?.variation)
    return verdict('applied', 'already-live', 'someone else wrote the same');
  if (options.strict && live !== change.before?.variation) {
    return verdict('skipped', 'live-moved', 'live moved since the plan was made; plan again');
  }
  return TRY_AGAIN;
}

/** A flag that was archived or deleted since the plan is not our failure; anything else that is refused is. */
async function afterRefusal(error: ApiError, change: Change, options: JudgeOptions): Promise<Verdict> {
  const gone = unwritable(await readFlag(change, options.writer), change);
  return gone ?? verdict('failed', 'refused', error.message, { cause: error });
}

function readFlag(change: Change, writer: FlagWriter): Promise<LiveFlag | undefined> {
  return writer.getFlag(change.project, change.flag, [change.environment]);
}

function unwritable(flag: LiveFlag | undefined, change: Change): Verdict | undefined {
  if (flag === undefined) {
    return verdict('skipped', 'flag-deleted', `${change.flag} was deleted since the plan was made`, {
      reach: 'flag',
    });
  }
  if (flag.state === 'archived') {
    return verdict('skipped', 'flag-archived', `${change.flag} was archived since the plan was made`, {
      reach: 'flag',
    });
  }
  return undefined;
}

/** The variation that a change's override has in a flag as it was read, or undefined for none. */
export function liveVariation(flag: LiveFlag | undefined, change: Change): number | undefined {
  return flag?.environments.get(change.environment)?.targets.get(contextKey(change.kind, change.key));
}

function judgeError(error: unknown): Verdict {
  if (error instanceof NetworkError) {
    return verdict('failed', 'unreachable', explainNetwork(error).message, { cause: error });
  }
  if (error instanceof OperatorError) {
    if (error.code === 'interrupted' || error.code === 'run-timeout') {
      return verdict('skipped', error.code, error.message, { reach: 'run' });
    }
    const reach = error.code === 'redirect' || error.code === 'token-rejected' ? 'run' : 'change';
    const reason = error.code === 'token-rejected' ? 'token-rejected' : 'refused';
    return verdict('failed', reason, error.message, { reach, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return verdict('failed', 'unexpected', message, { reach: 'run', cause: error });
}
