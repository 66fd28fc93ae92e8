/** What kept a request from being answered; `cut`: the answer ends in the middle, `headers`: they are too large. */
export type NetworkFailure = 'dns' | 'refused' | 'tls' | 'timeout' | 'proxy' | 'headers' | 'cut' | 'broken';

/** There was no answer, or none that can be used. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly failure: NetworkFailure;
  readonly host: string;

  constructor(trouble: NetworkFailure, host: string, cause: unknown) {
    super(`no answer from ${host} (${trouble})`, { cause });
    this.failure = trouble;
    this.host = host;
  }
}

/** Bytes that the headers of an answer may have. */
export const MAX_HEADERS = 64 * 1024;

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA']);
const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);
const TIMEOUT = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ERR_ATTEMPT_TIMEOUT',
]);
/** Errors that only a fault of ours can cause. */
const OURS = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_INVALID_RETURN_VALUE',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);
// OpenSSL's and Node's names for certificates that do not convince.
const TLS =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$|INVALID_CA)/;

/**
 * Names what went wrong below HTTP. What a server sends can make the HTTP client fail in more ways than can be listed, so
 * whatever is not known to be a fault of ours is the connection's.
 * @returns undefined for a fault of ours
 */
export function classifyNetworkError(error: unknown): NetworkFailure | undefined {
  return known(error) ?? (isOurs(error) ? undefined : 'broken');
}

function known(error: unknown): Exclude<NetworkFailure, 'broken'> | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError') return 'timeout';
  const code = codeOf(error);
  if (DNS.has(code)) return 'dns';
  if (REFUSED.has(code)) return 'refused';
  if (TIMEOUT.has(code)) return 'timeout';
  if (TLS.test(code)) return 'tls';
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'headers';
  if (error.message.includes('Proxy response')) return 'proxy';
  if (error instanceof AggregateError) return known(error.errors[0]);
  return error.cause === undefined ? undefined : known(error.cause);
}

function isOurs(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const code = codeOf(error);
  if (OURS.has(code)) return true;
  // An error without a code is a slip in a program, not something a socket reports.
  return (
    code === '' &&
    (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
  );
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
