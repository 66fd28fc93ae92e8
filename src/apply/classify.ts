import { OperatorError } from '../diagnostics/operator-error.js';
import { ApiError } from '../launchdarkly/http/api-error.js';
import type { FlagWriter } from '../launchdarkly/client.js';
import { explainNetwork, tokenRejected } from '../launchdarkly/http/explain.js';
import { NetworkError } from '../launchdarkly/http/network-error.js';
import type { Change } from '../reconcile/plan.js';
import { contextKey, type LiveFlag, type ScopeId } from '../reconcile/state.js';
import { MAX_CONFLICTS } from './options.js';
import { result, type Result } from './outcome.js';

/** A flag in one environment: what writes go to, one at a time. */
export type FlagInScope = ScopeId & { readonly flag: string };

/**
 * Decides what an error means for the changes of a write, asking LaunchDarkly where the answer alone does not tell.
 * @param lookAgain decides where what is live now has a say: after a 400, 404 or 409; undefined means that the write
 *   may still go through
 */
export async function classify(
  error: unknown,
  target: FlagInScope,
  writer: FlagWriter,
  lookAgain: (error: ApiError) => Promise<Result | undefined>,
): Promise<Result | undefined> {
  try {
    if (!(error instanceof ApiError)) return classifyError(error);
    return (await classifyAnswer(error, target, writer)) ?? (await lookAgain(error));
  } catch (another) {
    return classifyError(another);
  }
}

async function classifyAnswer(
  error: ApiError,
  target: FlagInScope,
  writer: FlagWriter,
): Promise<Result | undefined> {
  if (needsApproval(error)) {
    const message = `${target.flag} needs an approval in ${target.environment}`;
    return result('approval-required', 'approval-required', message, { extent: 'flag', cause: error });
  }
  switch (error.status) {
    case 400:
    case 404:
    case 409:
      return undefined;
    case 401:
      if (!(await writer.tokenWorks())) {
        const { message } = tokenRejected(error);
        return result('failed', 'token-rejected', message, { extent: 'run', cause: error });
      }
      return denied(error, target);
    case 403:
      return denied(error, target);
    case 429:
      return result('failed', 'rate-limited', error.message, { cause: error });
    default:
      return error.status >= 500
        ? result('failed', 'unavailable', error.message, { cause: error })
        : result('failed', 'refused', error.message, { cause: error });
  }
}

/**
 * Which status the PUTs answer where approvals are required is documented nowhere. Flags answer 405 elsewhere, other
 * resources 403 that says so.
 */
function needsApproval(error: ApiError): boolean {
  return error.status === 405 || (error.status === 403 && /\bapprov/i.test(`${error.code} ${error.detail}`));
}

/**
 * The token lacks a permission. Permissions are for a flag in an environment, not for a context, so every further write
 * to it would be denied as well.
 */
function denied(error: ApiError, { project, environment, flag }: FlagInScope): Result {
  const { status, code, detail } = error;
  const answer = `${status}${code === '' ? '' : ` ${code}`}${detail === '' ? '' : `: ${detail}`}`;
  const message = `denied (${answer}): the token needs updateTargets on proj/${project}:env/${environment}:flag/${flag}`;
  return result('failed', 'missing-permission', message, { extent: 'flag', cause: error });
}

/** Others write to the flag all the time. */
export function tooManyConflicts({ flag, environment }: FlagInScope, cause: unknown): Result {
  const message = `${flag} in ${environment} was being written to by others ${MAX_CONFLICTS} times in a row`;
  return result('failed', 'conflict', message, { cause });
}

export function readFlag(
  { project, environment, flag }: FlagInScope,
  writer: FlagWriter,
): Promise<LiveFlag | undefined> {
  return writer.getFlag(project, flag, [environment]);
}

/** A flag that was archived or deleted since the plan is not our failure. */
export function unwritable(flag: LiveFlag | undefined, target: FlagInScope): Result | undefined {
  if (flag === undefined) {
    return result('skipped', 'flag-deleted', `${target.flag} was deleted since the plan was made`, {
      extent: 'flag',
    });
  }
  if (flag.state === 'archived') {
    return result('skipped', 'flag-archived', `${target.flag} was archived since the plan was made`, {
      extent: 'flag',
    });
  }
  return undefined;
}

/** The variation that a change's override has in a flag as it was read, or undefined for none. */
export function liveVariation(flag: LiveFlag | undefined, change: Change): number | undefined {
  return flag?.environments.get(change.environment)?.targets.get(contextKey(change.kind, change.key));
}

/** The write that found out has failed; the others were not made. */
function classifyRemovedRoute({ code, message, hint, cause }: OperatorError): Result {
  const words = `${message}; ${hint}`;
  return code === 'route-removed'
    ? result('failed', 'route-removed', words, { extent: 'run', cause })
    : result('skipped', 'stopped', `not started: ${words}`, { extent: 'run' });
}

function classifyError(error: unknown): Result {
  if (error instanceof NetworkError) {
    return result('failed', 'unreachable', explainNetwork(error).message, { cause: error });
  }
  if (error instanceof OperatorError) {
    if (error.code === 'interrupted' || error.code === 'run-timeout') {
      return result('skipped', error.code, error.message, { extent: 'run' });
    }
    if (error.code === 'route-removed' || error.code === 'route-known-removed')
      return classifyRemovedRoute(error);
    const extent = error.code === 'redirect' || error.code === 'token-rejected' ? 'run' : 'change';
    const reason = error.code === 'token-rejected' ? 'token-rejected' : 'refused';
    return result('failed', reason, error.message, { extent, cause: error });
  }
  const message = error instanceof Error ? error.message : String(error);
  return result('failed', 'unexpected', message, { extent: 'run', cause: error });
}
