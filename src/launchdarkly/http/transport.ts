import { isUtf8 } from 'node:buffer';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { openDispatcher } from '../../http/dispatcher.js';
import { SecretMask, SHORTEST_SECRET } from '../../security/secret-mask.js';
import { LONGEST_TIMER } from '../clock.js';
import { MAX_HEADERS, NetworkError, classifyNetworkError, requestFate } from './network-error.js';
import type { ApiRequest } from '../paths.js';
import { type Body, readBody } from './read-body.js';

/** A response, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body. It is complete only if the request was a GET and succeeded. */
  readonly text: string;
  /** Whether the body was valid UTF-8. If not, `text` contains replacement characters. */
  readonly isUtf8: boolean;
}

/** What can end an attempt early. */
export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; the transport's `attemptTimeout` applies if it is shorter. */
  readonly timeout?: number;
}

/** Sends one request once: no pacing, no retry, any status is returned. */
export type Send = (
  request: ApiRequest,
  body: string | undefined,
  options?: SendOptions,
) => Promise<HttpResponse>;

export interface TransportOptions {
  /** An origin as `checkBaseUrl` returns it. */
  readonly baseUrl: string;
  readonly token: string;
  /** The most open connections at a time. */
  readonly connections: number;
  /** Milliseconds for one attempt, from connecting to the last byte of the response. */
  readonly attemptTimeout: number;
  readonly userAgent: string;
  /** The most bytes of one response body. */
  readonly maxBody?: number;
}

/** Bytes. A page of 100 flags with 10,000 targets each is about 40 MB for each environment. */
const MAX_BODY = 128 * 1024 * 1024;

/** Bytes of the body of an error response, which is shown in one line if at all. */
const MAX_ERROR_BODY = 64 * 1024;

/** The API version that this client is written for. Without it, a request gets the account's default version. */
const API_VERSION = '20240415';

/**
 * Opens the connections to LaunchDarkly, through the proxy from the environment if there is one.
 * @throws OperatorError `no-token`, `malformed-token`, `proxy`
 */
export function openTransport(options: TransportOptions): Send {
  const { baseUrl, token, maxBody = MAX_BODY } = options;
  const { host, hostname } = new URL(baseUrl);
  const headers = {
    authorization: checkToken(token),
    'ld-api-version': API_VERSION,
    'user-agent': options.userAgent,
    accept: 'application/json',
    // Nothing here decompresses: a few compressed bytes could become any number of bytes.
    'accept-encoding': 'identity',
  };
  const mask = new SecretMask(token);
  const settings = {
    connections: options.connections,
    maxHeaderSize: MAX_HEADERS,
    // Each attempt has its own timeout, and undici's must not end it earlier.
    headersTimeout: 0,
    bodyTimeout: 0,
  };
  const dispatcher = openDispatcher(hostname, settings, Math.min(options.attemptTimeout, LONGEST_TIMER));

  return async (request, body, { signal, timeout = Number.POSITIVE_INFINITY } = {}) => {
    const timeLimit = AbortSignal.timeout(
      Math.ceil(Math.min(options.attemptTimeout, timeout, LONGEST_TIMER)),
    );
    const ending = signal === undefined ? timeLimit : AbortSignal.any([signal, timeLimit]);
    try {
      const response = await orAborted(
        dispatcher.request({
          origin: baseUrl,
          path: request.path,
          method: request.method,
          headers:
            body === undefined
              ? headers
              : { ...headers, 'content-type': request.contentType ?? 'application/json' },
          body: body ?? null,
          signal: ending,
        }),
        ending,
      );
      const isSuccess = response.statusCode < 300;
      const read = await readBody(response.body, isSuccess ? maxBody : MAX_ERROR_BODY);
      // The status alone says whether a write was made. Only a GET needs its body.
      if (isSuccess && request.method === 'GET') refuseIncomplete(read, maxBody, host, request);
      const text = read.bytes.toString('utf8');
      const result: HttpResponse = {
        status: response.statusCode,
        headers: headerMap(response.headers),
        text,
        isUtf8: isUtf8(read.bytes),
      };
      refuseRedirect(result, baseUrl, request, mask);
      return result;
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      signal?.throwIfAborted();
      const failure = timeLimit.aborted ? 'timeout' : classifyNetworkError(error);
      if (failure === undefined) throw error;
      throw new NetworkError(failure, host, error, requestFate(error));
    }
  };
}

/**
 * The result of a request, or an error as soon as its signal is aborted. undici itself ends a request only once there is
 * a connection to send it on, which a proxy that never answers would delay forever. It does not send it afterwards.
 */
async function orAborted<T>(request: Promise<T>, signal: AbortSignal): Promise<T> {
  let refuse: ((reason: unknown) => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    refuse = reject;
  });
  const onAbort = (): void => {
    // After undici, which may know more about the request.
    setImmediate(() => refuse?.(signal.reason));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  try {
    return await Promise.race([request, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** A token is one word of visible ASCII. Anything else was pasted incorrectly, and cannot be sent in a header. */
function checkToken(token: string): string {
  if (token === '') {
    throw new OperatorError('no-token', 'no access token is set', {
      hint: 'set LAUNCHDARKLY_ACCESS_TOKEN',
    });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new OperatorError(
      'malformed-token',
      'the access token contains spaces, line breaks or other invalid characters',
      {
        hint: 'set LAUNCHDARKLY_ACCESS_TOKEN to the bare token, without quotes, Bearer or a line break',
      },
    );
  }
  if (token.length < SHORTEST_SECRET) {
    throw new OperatorError(
      'malformed-token',
      `the access token has fewer than ${SHORTEST_SECRET} characters`,
      {
        hint: 'set LAUNCHDARKLY_ACCESS_TOKEN to the complete token; flagops cannot hide one this short in its output',
      },
    );
  }
  return token;
}

function refuseIncomplete({ missing }: Body, most: number, host: string, request: ApiRequest): void {
  if (missing === undefined) return;
  if (missing.why === 'lost') throw missing.cause;
  throw new OperatorError(
    'answer-too-large',
    `the response from ${host} to ${request.method} ${request.path} is larger than ${Math.floor(most / 2 ** 20)} MiB`,
    { hint: 'LaunchDarkly never sends this much; check the base URL' },
  );
}

function headerMap(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): ReadonlyMap<string, string> {
  const map = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const first = Array.isArray(value) ? value[0] : value;
    if (first !== undefined) map.set(name.toLowerCase(), first);
  }
  return map;
}

/** Following a redirect would send the token to another address, so a redirect is an error. */
function refuseRedirect(
  response: HttpResponse,
  baseUrl: string,
  request: ApiRequest,
  mask: SecretMask,
): void {
  if (response.status < 300 || response.status >= 400) return;
  const location = response.headers.get('location') ?? '';
  const target = URL.canParse(location, baseUrl) ? new URL(location, baseUrl) : undefined;
  // The location may contain the token.
  const [host, origin] = [target?.host, target?.origin].map((text = '') => mask.text(text));
  const where = target === undefined ? 'elsewhere' : `to ${host}`;
  throw new OperatorError(
    'redirect',
    `${new URL(baseUrl).host} redirects ${request.method} ${request.path} ${where}, and flagops does not follow redirects with the token`,
    {
      hint:
        target === undefined || target.origin === baseUrl
          ? 'check the base URL, and whether a proxy or a login page responds in its place'
          : `if ${host} belongs to LaunchDarkly, set the base URL to ${origin}`,
    },
  );
}
