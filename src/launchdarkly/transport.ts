import { Agent, EnvHttpProxyAgent, type Dispatcher } from 'undici';
import { OperatorError } from '../diagnostics/operator-error.js';
import { isLoopback } from '../security/loopback.js';
import { SecretMask, SHORTEST_SECRET } from '../security/secret-mask.js';
import { NetworkError, networkTrouble } from './network-error.js';
import type { ApiRequest } from './paths.js';

/** What came back, whatever its status. */
export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

/** One attempt at one request: no pacing, no retry, no judgement of the status. */
export type Send = (request: ApiRequest, body: string | undefined, signal?: AbortSignal) => Promise<Answer>;

export interface TransportOptions {
  /** An origin as `checkBaseUrl` returns it. */
  readonly baseUrl: string;
  readonly token: string;
  /** Sockets at a time. */
  readonly connections: number;
  /** Milliseconds for one attempt, from the connection to the last byte. */
  readonly attempt: number;
  readonly userAgent: string;
  /** Bytes of one answer. */
  readonly maxBody?: number;
}

/** A page of 100 flags with 10,000 targets each is about 40 MB. */
const MAX_BODY = 256 * 1024 * 1024;

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
  };
  const mask = new SecretMask(token);
  const dispatcher = openDispatcher(hostname, options.connections);

  return async (request, body, signal) => {
    const timeout = AbortSignal.timeout(options.attempt);
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
      const text = await readText(response.body, maxBody, request);
      const answer = { status: response.statusCode, headers: headerMap(response.headers), text };
      refuseRedirect(answer, baseUrl, request, mask);
      return answer;
    } catch (error) {
      if (error instanceof OperatorError) throw error;
      signal?.throwIfAborted();
      const trouble = timeout.aborted ? 'timeout' : networkTrouble(error);
      if (trouble === undefined) throw error;
      throw new NetworkError(trouble, host, error);
    }
  };
}

function openDispatcher(hostname: string, connections: number): Dispatcher {
  if (isLoopback(hostname)) return new Agent({ connections });
  try {
    return new EnvHttpProxyAgent({ connections });
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

async function readText(body: AsyncIterable<unknown>, maxBody: number, request: ApiRequest): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > maxBody) {
      throw new OperatorError(
        'answer-too-large',
        `the answer to ${request.method} ${request.path} is larger than ${Math.floor(maxBody / 2 ** 20)} MiB`,
        { hint: 'this is more than LaunchDarkly sends; check the base URL' },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, size).toString('utf8');
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
function refuseRedirect(answer: Answer, baseUrl: string, request: ApiRequest, mask: SecretMask): void {
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
