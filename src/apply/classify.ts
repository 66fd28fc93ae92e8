import { OperatorError } from '../diagnostics/operator-error.js';
import type { FlagWriter } from '../launchdarkly/client.js';
import { ApiError } from '../launchdarkly/http/api-error.js';
import { explainNetwork, tokenRejected } from '../launchdarkly/http/explain.js';
import { NetworkError } from '../launchdarkly/http/network-error.js';
import type { FlagInScope } from './live-flag.js';
import { MAX_CONFLICTS } from './options.js';
import { approvalRequired, failed, type Result, skipped } from './outcome.js';

/** What a token is allowed to do with a flag in an environment: the name of an action in a role's policy. */
type WriteAction = 'updateTargets' | 'updateExpiringTargets' | 'createApprovalRequest';

/**
 * Decides what an error means for the changes of a write, and asks LaunchDarkly if the response alone does not say.
 * @param action what the token must be allowed to do
 * @param checkLive decides after a 400, 404 or 409, which depend on what is live now
 * @returns undefined if the write may be tried again
 */
export async function classify(
  error: unknown,
  target: FlagInScope,
  writer: Pick<FlagWriter, 'tokenWorks'>,
  checkLive: (error: ApiError) => Promise<Result | undefined>,
  action: WriteAction = 'updateTargets',
): Promise<Result | undefined> {
  try {
    if (!(error instanceof ApiError)) return classifyError(error);
    return (await classifyResponse(error, target, writer, action)) ?? (await checkLive(error));
  } catch (another) {
    return classifyError(another);
  }
}

async function classifyResponse(
  error: ApiError,
  target: FlagInScope,
  writer: Pick<FlagWriter, 'tokenWorks'>,
  action: WriteAction,
): Promise<Result | undefined> {
  if (needsApproval(error))
    return approvalRequired(`${target.flag} requires approval in ${target.environment}`, error);
  switch (error.status) {
    case 400:
    case 404:
    case 409:
      return undefined;
    case 401:
      if (await writer.tokenWorks()) return denied(error, target, action);
      return failed('token-rejected', tokenRejected(error).message, { extent: 'run', cause: error });
    case 403:
      return denied(error, target, action);
    case 429:
      return failed('rate-limited', error.message, { cause: error });
    default:
      return failed(error.status >= 500 ? 'unavailable' : 'refused', error.message, { cause: error });
  }
}

/**
 * A patch is documented to get 405 if approvals are required. For a PUT nothing is documented: other endpoints for flags
 * answer 405, and those of other resources 403, both with a message that mentions approval. Without one, a PUT's 405 may
 * mean that its route is gone.
 */
function needsApproval({ request, status, code, detail }: ApiError): boolean {
  if (status === 405 && request.method === 'PATCH') return true;
  return (status === 405 || status === 403) && /approv/i.test(`${code} ${detail}`);
}

/**
 * The token lacks a permission. Permissions are for a flag in an environment, not for a context, so every further
 * write to that flag would be denied as well.
 */
export function denied(
  error: ApiError,
  { project, environment, flag }: FlagInScope,
  action: WriteAction = 'updateTargets',
): Result {
  const { status, code, detail } = error;
  const answer = `${status}${code === '' ? '' : ` ${code}`}${detail === '' ? '' : `: ${detail}`}`;
  const message = `denied (${answer}): the token needs ${action} on proj/${project}:env/${environment}:flag/${flag}`;
  return failed('missing-permission', message, { extent: 'flag', cause: error });
}

/** The result of a write that conflicted with other writes to its flag too often. */
export function tooManyConflicts({ flag, environment }: FlagInScope, cause: unknown): Result {
  const message = `other writes to ${flag} in ${environment} got in the way ${MAX_CONFLICTS} times in a row`;
  return failed('conflict', message, { cause });
}

function classifyError(error: unknown): Result {
  if (error instanceof NetworkError)
    return failed('unreachable', explainNetwork(error).message, { cause: error });
  if (error instanceof OperatorError) return classifyOperatorError(error);
  const message = error instanceof Error ? error.message : String(error);
  return failed('unexpected', message, { extent: 'run', cause: error });
}

function classifyOperatorError(error: OperatorError): Result {
  const { code, message, cause } = error;
  if (code === 'interrupted' || code === 'run-timeout') return skipped(code, message, 'run');
  if (code === 'route-removed') return failed('route-removed', withHint(error), { extent: 'run', cause });
  // Another write had already found this out, so this one was not sent.
  if (code === 'route-known-removed') return skipped('stopped', `not started: ${withHint(error)}`, 'run');
  if (code === 'token-rejected') return failed('token-rejected', message, { extent: 'run', cause: error });
  if (code === 'redirect') return failed('refused', message, { extent: 'run', cause: error });
  return failed('refused', message, { cause: error });
}

function withHint({ message, hint }: OperatorError): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}
