import { OperatorError } from '../../diagnostics/operator-error.js';
import { ApiError } from './api-error.js';
import { MAX_HEADERS, NetworkError } from './network-error.js';

/**
 * Puts what went wrong into words for whoever runs flagops. Errors of another kind are handed back as they are.
 * @param tokenWorks for a 401, which LaunchDarkly also uses for a missing permission: whether the token itself is good
 */
export async function explain(error: unknown, tokenWorks: () => Promise<boolean>): Promise<unknown> {
  if (error instanceof NetworkError) return explainNetwork(error);
  if (!(error instanceof ApiError)) return error;
  if (error.status === 401 && !(await tokenWorks())) return tokenRejected(error);
  return explainAnswer(error);
}

/** The token itself is refused: nothing that this run asks for can succeed. */
export function tokenRejected(cause: unknown): OperatorError {
  return new OperatorError('token-rejected', 'LaunchDarkly rejects the access token (401)', {
    hint: 'check that LAUNCHDARKLY_ACCESS_TOKEN is an API access token (api-...) of this account and region that has not expired',
    cause,
  });
}

/** The user route is gone: the error of the write that found out. */
export function routeRemoved(cause: ApiError): OperatorError {
  return aboutRemoval('route-removed', cause);
}

/** The user route is gone, as an earlier write found out: the error of a write that was not made. */
export function routeKnownRemoved(cause: ApiError): OperatorError {
  return aboutRemoval('route-known-removed', cause);
}

function aboutRemoval(code: string, cause: ApiError): OperatorError {
  return new OperatorError(code, `LaunchDarkly no longer serves PUT /api/v2/users/... (${cause.status})`, {
    hint: 'set api: auto or api: contexts in flagops.yaml',
    cause,
  });
}

function explainAnswer(error: ApiError): OperatorError {
  const problem = (code: string, hint: string): OperatorError =>
    new OperatorError(code, error.message, { hint, cause: error });
  switch (error.status) {
    case 401:
    case 403:
      return problem(
        'missing-permission',
        'give the token a role that may read flags, and updateTargets on proj/*:env/*:flag/* to apply',
      );
    case 404:
      return problem(
        'not-found',
        'check the keys of the project and its environments, and what the token may see',
      );
    case 429:
      return problem('rate-limited', "other clients use up the account's budget; run again later");
    default:
      return error.status >= 500
        ? problem(
            'api-unavailable',
            'LaunchDarkly has trouble; see status.launchdarkly.com and run again later',
          )
        : problem('api-error', 'run again with --debug for more');
  }
}

/** What kept LaunchDarkly from answering, and what to do about it. */
export function explainNetwork(error: NetworkError): OperatorError {
  const { host, cause } = error;
  const problem = (code: string, message: string, hint: string): OperatorError =>
    new OperatorError(code, message, { hint, cause });
  switch (error.failure) {
    case 'dns':
      return problem(
        'unknown-host',
        `the host ${host} is not known here (DNS)`,
        'check the base URL and the network',
      );
    case 'refused':
      return problem(
        'unreachable',
        `${host} cannot be reached${codeOf(cause)}`,
        'check the base URL, the network and whether a proxy is needed (HTTPS_PROXY)',
      );
    case 'tls':
      return problem(
        'tls',
        `no secure connection to ${host}${codeOf(cause)}`,
        'if a proxy with its own certificate stands in between, name its authority in NODE_EXTRA_CA_CERTS',
      );
    case 'timeout':
      return problem('timeout', `${host} does not answer in time`, 'run again, or raise timeouts.attempt');
    case 'proxy':
      return problem(
        'proxy',
        `the proxy does not let us through to ${host}`,
        'check HTTPS_PROXY and NO_PROXY',
      );
    case 'headers':
      return problem(
        'headers-too-large',
        `${host} answers with more than ${MAX_HEADERS / 1024} KiB of headers${codeOf(cause)}`,
        'this is more than LaunchDarkly sends; check the base URL, and whether a proxy in between adds them',
      );
    case 'cut':
      return problem(
        'answer-cut',
        `the answer of ${host} ends in the middle`,
        'run again; if it stays, check the base URL and the network',
      );
    case 'broken':
      return problem(
        'connection-lost',
        `the connection to ${host} broke off${codeOf(cause)}`,
        'run again; if it stays, check the base URL and the network',
      );
  }
}

function codeOf(cause: unknown): string {
  const known = cause instanceof AggregateError ? (cause.errors[0] as unknown) : cause;
  return known instanceof Error && 'code' in known && typeof known.code === 'string'
    ? ` (${known.code})`
    : '';
}
