import type { OperatorErrorCode } from '../../diagnostics/codes.js';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { ApiError } from './api-error.js';
import { MAX_HEADERS, NetworkError } from './network-error.js';

/**
 * Turns an error of the API client into one for the operator. Other errors are returned unchanged.
 * @param tokenWorks called after a 401, which LaunchDarkly also sends for a missing permission: whether the token itself
 *   is valid
 */
export async function explain(error: unknown, tokenWorks: () => Promise<boolean>): Promise<unknown> {
  if (error instanceof NetworkError) return explainNetwork(error);
  if (!(error instanceof ApiError)) return error;
  if (error.status === 401 && !(await tokenWorks())) return tokenRejected(error);
  return explainRefusal(error);
}

/** The error if the token itself is rejected: no request of this run can succeed. */
export function tokenRejected(cause: unknown): OperatorError {
  return new OperatorError('token-rejected', 'LaunchDarkly rejects the access token (401)', {
    hint: 'check that LAUNCHDARKLY_ACCESS_TOKEN is an API access token (api-...) of this account and region that has not expired',
    cause,
  });
}

/** The error of the write that found out that the user route is gone. */
export function routeRemoved(cause: ApiError): OperatorError {
  return removalError('route-removed', cause);
}

/** The error of a write that was not made, because an earlier one found out that the user route is gone. */
export function routeKnownRemoved(cause: ApiError): OperatorError {
  return removalError('route-known-removed', cause);
}

function removalError(code: 'route-removed' | 'route-known-removed', cause: ApiError): OperatorError {
  return new OperatorError(code, `LaunchDarkly no longer serves PUT /api/v2/users/... (${cause.status})`, {
    hint: 'set api: auto or api: contexts in flagops.yaml',
    cause,
  });
}

function explainRefusal(error: ApiError): OperatorError {
  const problem = (code: OperatorErrorCode, hint: string): OperatorError =>
    new OperatorError(code, error.message, { hint, cause: error });
  switch (error.status) {
    case 401:
    case 403:
      return problem(
        'missing-permission',
        'give the token a role that can read flags and, to apply, has updateTargets on proj/*:env/*:flag/*',
      );
    case 404:
      return problem(
        'not-found',
        'check the keys of the project and its environments, and what the token can see',
      );
    case 429:
      return problem('rate-limited', "other clients are using up the account's rate limit; run again later");
    default:
      return error.status >= 500
        ? problem(
            'api-unavailable',
            'LaunchDarkly is having problems; see status.launchdarkly.com and run again later',
          )
        : problem('api-error', 'run again with --debug for details');
  }
}

/** The error for the operator if no usable response came: the cause, and what to do about it. */
export function explainNetwork(error: NetworkError): OperatorError {
  const { host, cause } = error;
  const problem = (code: OperatorErrorCode, message: string, hint: string): OperatorError =>
    new OperatorError(code, message, { hint, cause });
  switch (error.failure) {
    case 'dns':
      return problem(
        'unknown-host',
        `cannot resolve the host ${host} (DNS)`,
        'check the base URL and the network',
      );
    case 'refused':
      return problem(
        'unreachable',
        `cannot reach ${host}${codeOf(cause)}`,
        'check the base URL, the network, and whether a proxy is needed (HTTPS_PROXY)',
      );
    case 'tls':
      return problem(
        'tls',
        `cannot establish a secure connection to ${host}${codeOf(cause)}`,
        'if there is a proxy with its own certificate, set NODE_EXTRA_CA_CERTS to the certificate of its authority',
      );
    case 'timeout':
      return problem('timeout', `${host} did not respond in time`, 'run again, or raise timeouts.attempt');
    case 'proxy':
      return problem('proxy', `the proxy refused to connect to ${host}`, 'check HTTPS_PROXY and NO_PROXY');
    case 'headers':
      return problem(
        'headers-too-large',
        `${host} sent more than ${MAX_HEADERS / 1024} KiB of response headers${codeOf(cause)}`,
        'LaunchDarkly never sends this much; check the base URL, and whether a proxy adds headers',
      );
    case 'cut':
      return problem(
        'answer-cut',
        `the response from ${host} was cut off`,
        'run again; if it happens again, check the base URL and the network',
      );
    case 'broken':
      return problem(
        'connection-lost',
        `the connection to ${host} was lost${codeOf(cause)}`,
        'run again; if it happens again, check the base URL and the network',
      );
  }
}

function codeOf(cause: unknown): string {
  const known = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return known instanceof Error && 'code' in known && typeof known.code === 'string'
    ? ` (${known.code})`
    : '';
}
