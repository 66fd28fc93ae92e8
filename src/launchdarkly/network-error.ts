/** What kept a request from being answered. */
export type NetworkTrouble = 'dns' | 'refused' | 'tls' | 'timeout' | 'proxy' | 'broken';

/** There was no answer. Someone must mend the network, or it mends itself. */
export class NetworkError extends Error {
  override readonly name = 'NetworkError';
  readonly trouble: NetworkTrouble;
  readonly host: string;

  constructor(trouble: NetworkTrouble, host: string, cause: unknown) {
    super(`no answer from ${host} (${trouble})`, { cause });
    this.trouble = trouble;
    this.host = host;
  }
}

const DNS = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_FAIL', 'EAI_NODATA', 'ENODATA']);
const REFUSED = new Set(['ECONNREFUSED', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL', 'EACCES', 'EPERM']);
const TIMEOUT = new Set([
  'ETIMEDOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ERR_ATTEMPT_TIMEOUT',
]);
const BROKEN = new Set([
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'UND_ERR_SOCKET',
  'UND_ERR_RES_CONTENT_LENGTH_MISMATCH',
  'UND_ERR_CLOSED',
  'UND_ERR_DESTROYED',
]);
// OpenSSL's and Node's names for certificates that do not convince.
const TLS =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|EPROTO$|INVALID_CA)/;

/** Names what went wrong below HTTP, or undefined where the error is nothing of that kind. */
export function networkTrouble(error: unknown): NetworkTrouble | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'TimeoutError') return 'timeout';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (DNS.has(code)) return 'dns';
  if (REFUSED.has(code)) return 'refused';
  if (TIMEOUT.has(code)) return 'timeout';
  if (TLS.test(code)) return 'tls';
  if (code.startsWith('HPE_') || error.name === 'HTTPParserError') return 'broken';
  if (error.message.includes('Proxy response')) return 'proxy';
  if (BROKEN.has(code)) return 'broken';
  if (error instanceof AggregateError) return networkTrouble(error.errors[0]);
  return error.cause === undefined ? undefined : networkTrouble(error.cause);
}
