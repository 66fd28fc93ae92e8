/**
 * Why there is no usable response. `refused` means that no connection could be made, `cut` that the response ended early,
 * `headers` that they were too large, and `broken` covers all other failures of the connection.
 */
export type NetworkFailure = 'dns' | 'refused' | 'tls' | 'timeout' | 'proxy' | 'headers' | 'cut' | 'broken';

/** What is known about the request: `unsent` if no connection was made, otherwise it may have been received. */
export type RequestFate = 'unsent' | 'maybe-received';

/** There was no response, or no usable one. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly failure: NetworkFailure;
  readonly host: string;
  readonly request: RequestFate;

  constructor(
    failure: NetworkFailure,
    host: string,
    cause: unknown,
    request: RequestFate = 'maybe-received',
  ) {
    super(`no usable response from ${host} (${failure})`, { cause });
    this.failure = failure;
    this.host = host;
    this.request = request;
  }
}

/** The most bytes that the headers of a response may have. */
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
/** Errors that only a bug in flagops can cause. */
const BUGS = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_INVALID_RETURN_VALUE',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
]);
// OpenSSL's and Node's codes for certificates and handshakes that fail.
const TLS =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$|INVALID_CA)/;

/**
 * Classifies an error of the HTTP client. A server can make the client fail in more ways than can be listed, so every
 * error that is not known to be a bug in flagops counts as a failure of the connection.
 * @returns undefined for a bug in flagops
 */
export function classifyNetworkError(error: unknown): NetworkFailure | undefined {
  return knownFailure(error) ?? (isBug(error) ? undefined : 'broken');
}

/**
 * Whether an error of the HTTP client means that no connection was made, so that the request cannot have been received.
 * The code alone does not say: EHOSTUNREACH, for example, can also end an open connection.
 */
export function requestFate(error: unknown): RequestFate {
  if (!(error instanceof Error)) return 'maybe-received';
  const syscall = 'syscall' in error ? error.syscall : undefined;
  const isUnsent =
    syscall === 'connect' ||
    syscall === 'getaddrinfo' ||
    codeOf(error) === 'UND_ERR_CONNECT_TIMEOUT' ||
    error.message.includes('Proxy response');
  if (isUnsent) return 'unsent';
  if (error instanceof AggregateError) return requestFate(error.errors[0]);
  return error.cause === undefined ? 'maybe-received' : requestFate(error.cause);
}

function knownFailure(error: unknown): Exclude<NetworkFailure, 'broken'> | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError') return 'timeout';
  const code = codeOf(error);
  if (DNS.has(code)) return 'dns';
  if (REFUSED.has(code)) return 'refused';
  if (TIMEOUT.has(code)) return 'timeout';
  if (TLS.test(code)) return 'tls';
  if (code === 'UND_ERR_HEADERS_OVERFLOW') return 'headers';
  if (error.message.includes('Proxy response')) return 'proxy';
  if (error instanceof AggregateError) return knownFailure(error.errors[0]);
  return error.cause === undefined ? undefined : knownFailure(error.cause);
}

function isBug(error: unknown): boolean {
  if (!(error instanceof Error)) return true;
  const code = codeOf(error);
  if (BUGS.has(code)) return true;
  // Sockets report errors with a code. Without one, it is a programming error.
  return (
    code === '' &&
    (error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError)
  );
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}
