import { isUtf8 } from 'node:buffer';
import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { isLoopback } from '../../security/loopback.js';
import { SecretMask, SHORTEST_SECRET } from '../../security/secret-mask.js';
import { LONGEST_TIMER } from '../clock.js';
import { MAX_HEADERS, NetworkError, classifyNetworkError } from './network-error.js';
import type { ApiRequest } from '../paths.js';
import { type Body, readBody } from './read-body.js';

/** What came back, whatever its status. */
export interface HttpResponse {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** The body. Unless the request was a GET that succeeded, it may be only the beginning. */
  readonly text: string;
  /** Whether `text` is what was sent. If not, there are replacement characters in it. */
  readonly isUtf8: boolean;
}

/** What may end an attempt early. */
export interface SendOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds, if they are fewer than those of the transport. */
  readonly timeout?: number;
}

/** One attempt at one request: no pacing, no retry, no judgement of the status. */
export type Send = (
  request: ApiRequest,
  body: string | undefined,
  options?: SendOptions,
) => Promise<HttpResponse>;

export interface TransportOptions {
  /** An origin as `checkBaseUrl` returns it. */
  readonly baseUrl: string;
  readonly token: string;
  /** Sockets at a time. */
  readonly connections: number;
  /** Milliseconds for one attempt, from the connection to the last byte. */
  readonly attemptTimeout: number;
  readonly userAgent: string;
  /** Bytes of one answer. */
  readonly maxBody?: number;
}

/** A page of 100 flags with 10,000 targets each is about 40 MB for each environment. */
const MAX_BODY = 128 * 1024 * 1024;

/** Bytes of an answer that is not a success: it is shown in one line, if at all. */
const MAX_ERROR_BODY = 64 * 1024;

/** Version of the API that this client is written for: a request without it gets the account's default. */
const API_VERSION = '20240415';

/**
 * Opens the way to LaunchDarkly. A proxy named in the environment is used, except for this machine itself.
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
    // A few bytes of a compressed answer can be any number of bytes later; nothing here decompresses.
    'accept-encoding': 'identity',
  };
  const mask = new SecretMask(token);
  const dispatcher = openDispatcher(hostname, options.connections);

  return async (request, body, { signal, timeout: within = Number.POSITIVE_INFINITY } = {}) => {
    const timeout = AbortSignal.timeout(Math.ceil(Math.min(options.attemptTimeout, within, LONGEST_TIMER)));
    try {
      const response = await dispatcher.request({
        origin: baseUrl,
        path: request.path,
        method: request.method,
        headers:
          body === undefined
            ? headers
            : { ...headers, 'content-type': request.contentType ?? 'application/json' },
        body: body ?? null,
        signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      });
      const isSuccess = response.statusCode < 300;
      const read = await readBody(response.body, isSuccess ? maxBody : MAX_ERROR_BODY);
      // What has happened is known by the status; only a GET is asked for what it answers.
      if (isSuccess && request.method === 'GET') refuseIncomplete(read, maxBody, host, request);
      const text = read.bytes.toString('utf8');
      const answer: HttpResponse = {
        status: response.statusCode,
        headers: headerMap(response.headers),
        text,
        isUtf8: isUtf8(read.bytes),
      };
      refuseRedirect(answer, baseUrl, request, mask);
      return answer;
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      signal?.throwIfAborted();
      const trouble = timeout.aborted ? 'timeout' : classifyNetworkError(error);
      if (trouble === undefined) throw error;
      throw new NetworkError(trouble, host, error);
    }
  };
}

function openDispatcher(hostname: string, connections: number): Dispatcher {
  // Each attempt has a time limit already, which the library's own must not undercut.
  const settings = { connections, headersTimeout: 0, bodyTimeout: 0, maxHeaderSize: MAX_HEADERS };
  if (isLoopback(hostname)) return new Agent(settings);
  try {
    return new EnvHttpProxyAgent(settings);
  } catch (error) {
    throw new OperatorError('proxy', 'the proxy in HTTPS_PROXY or HTTP_PROXY is not a web address', {
      hint: 'write it like http://proxy.example:3128, or unset it',
      cause: error,
    });
  }
}

/** A token is one word of visible ASCII; anything else is a paste gone wrong, and could not be sent as a header. */
function checkToken(token: string): string {
  if (token === '') {
    throw new OperatorError('no-token', 'there is no access token', {
      hint: 'set LAUNCHDARKLY_ACCESS_TOKEN',
    });
  }
  if (!/^[\x21-\x7e]+$/.test(token)) {
    throw new OperatorError(
      'malformed-token',
      'the access token holds blanks, line breaks or other odd characters',
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
        hint: 'set LAUNCHDARKLY_ACCESS_TOKEN to a whole token; one this short could not be kept out of the output',
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
    `the answer of ${host} to ${request.method} ${request.path} is larger than ${Math.floor(most / 2 ** 20)} MiB`,
    { hint: 'this is more than LaunchDarkly sends; check the base URL' },
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

/** A redirect would take the token to wherever it points, so none is followed. */
function refuseRedirect(answer: HttpResponse, baseUrl: string, request: ApiRequest, mask: SecretMask): void {
  if (answer.status < 300 || answer.status >= 400) return;
  const location = answer.headers.get('location') ?? '';
  const target = URL.canParse(location, baseUrl) ? new URL(location, baseUrl) : undefined;
  // The server may repeat the token in it.
  const [host, origin] = [target?.host, target?.origin].map((text = '') => mask.text(text));
  const where = target === undefined ? 'elsewhere' : `to ${host}`;
  throw new OperatorError(
    'redirect',
    `${new URL(baseUrl).host} redirects ${request.method} ${request.path} ${where}, and redirects are never followed with the token`,
    {
      hint:
        target === undefined || target.origin === baseUrl
          ? 'check the base URL, and whether a proxy or a login page answers in its place'
          : `if ${host} is LaunchDarkly's, set the base URL to ${origin}`,
    },
  );
}
