import { OperatorError } from '../diagnostics/operator-error.js';
import type { Clock } from '../launchdarkly/clock.js';
import { type Fetch, fetchFrom } from './http.js';
import { failureWait, rateLimitWait, type Refusal } from './rate-limit.js';

// A client for the five requests to GitHub's REST API that the Action needs. Octokit would add a megabyte to the bundle.

/** GitHub answered with an error, or not as documented. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  readonly status: number;
  /** Whether a rate limit was the reason: then a 403 says nothing about permissions. */
  readonly limited: boolean;

  constructor(status: number, message: string, limited = false) {
    super(message);
    this.status = status;
    this.limited = limited;
  }
}

export interface ApiOptions {
  /** For example `https://api.github.com`. */
  readonly url: string;
  readonly token: string;
  /** This package's version. */
  readonly version: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

export interface GitHubApi {
  /** Whether comments written with this token belong to a bot, as with the token of a job or of a GitHub App. */
  readonly writesAsBot: boolean;
  /** Resolves to the parsed response. Throws GitHubError, or OperatorError if GitHub cannot be reached. */
  readonly request: (method: Method, path: string, body?: unknown) => Promise<unknown>;
  /** The items of a list. A page is requested when the one before it has been consumed. */
  readonly pages: (path: string) => AsyncGenerator;
  /** Waits before a retry, longer after each attempt. */
  readonly pause: (attempt: number) => Promise<void>;
}

/** A response whose body is read completely. */
interface ApiResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Awaited<ReturnType<Fetch>>['headers'];
  readonly text: string;
}

type Method = 'GET' | 'POST' | 'PATCH';

/** Milliseconds until a response must be complete. */
const RESPONSE_TIMEOUT = 20_000;
/** Milliseconds that one request may wait for rate limits in total: publishing must not hold up the job for longer. */
const MAX_LIMIT_WAIT = 300_000;
export const MAX_ATTEMPTS = 4;
/** Pages of a hundred items; a longer list is not searched to its end. */
const MAX_PAGES = 50;

/** Creates a client. Nothing is sent yet. */
export function openGitHub(options: ApiOptions): GitHubApi {
  const { clock, token, version } = options;
  const base = options.url;
  const fetch = fetchFrom(base);

  const sendOnce = async (method: Method, url: string, body: unknown): Promise<ApiResponse> => {
    const response = await fetch(url, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': `flagops/${version}`,
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(RESPONSE_TIMEOUT)]),
    });
    // Read here, so that a connection that breaks in the middle of the body is retried too.
    const text = await response.text();
    return { status: response.status, statusText: response.statusText, headers: response.headers, text };
  };

  const sleep = async (ms: number): Promise<void> => {
    try {
      await clock.sleep(ms, options.signal);
    } catch (cause) {
      throw interrupted(cause);
    }
  };

  const send = async (method: Method, url: string, body?: unknown): Promise<ApiResponse> => {
    let waited = 0;
    for (let attempt = 1; ; attempt += 1) {
      let response: ApiResponse;
      try {
        response = await sendOnce(method, url, body);
      } catch (cause) {
        if (options.signal.aborted) throw interrupted(cause);
        // A POST may have been processed although no response came; repeating it could add a second comment.
        if (method !== 'POST' && attempt < MAX_ATTEMPTS) {
          await sleep(failureWait(attempt, clock));
          continue;
        }
        throw new OperatorError('github-unreachable', `GitHub's API at ${base} does not answer`, { cause });
      }
      if (response.status >= 200 && response.status < 300) return response;
      const refusal = refusalOf(response);
      const limited = rateLimitWait(refusal, attempt, clock);
      const temporary = refusal.status >= 500 && method !== 'POST' ? failureWait(attempt, clock) : undefined;
      const wait = limited ?? temporary;
      waited += limited ?? 0;
      if (wait === undefined || attempt === MAX_ATTEMPTS || waited > MAX_LIMIT_WAIT)
        throw failure(refusal, limited);
      await sleep(wait);
    }
  };

  return {
    // The prefix of installation access tokens. Source: GitHub, "Authenticating to the REST API".
    writesAsBot: token.startsWith('ghs_'),
    request: async (method, path, body) => parse(await send(method, `${base}${path}`, body)),
    async *pages(path) {
      let url: string | undefined = `${base}${path}`;
      for (let page = 1; url !== undefined && page <= MAX_PAGES; page += 1) {
        const response: ApiResponse = await send('GET', url);
        const items = parse(response);
        if (!Array.isArray(items))
          throw new GitHubError(response.status, 'GitHub did not answer with a list');
        yield* items as unknown[];
        url = nextPage(response.headers.get('link'), base);
      }
    },
    pause: (attempt) => sleep(failureWait(attempt, clock)),
  };
}

function interrupted(cause: unknown): OperatorError {
  return new OperatorError('interrupted', "interrupted while waiting for GitHub's API", { cause });
}

/** The URL of the next page. A URL of another host is ignored, since the token would be sent there. */
function nextPage(link: string | null, base: string): string | undefined {
  const url = /<([^<>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1];
  if (url === undefined || !URL.canParse(url)) return undefined;
  return new URL(url).origin === new URL(base).origin ? url : undefined;
}

function parse({ status, text }: ApiResponse): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new GitHubError(status, 'GitHub did not answer with JSON');
  }
}

function refusalOf({ status, statusText, headers, text }: ApiResponse): Refusal {
  let message = statusText;
  try {
    const body = JSON.parse(text) as { readonly message?: unknown };
    if (typeof body.message === 'string') ({ message } = body as { message: string });
  } catch {
    // This is not GitHub's JSON but the error page of a proxy, which does not help.
  }
  return { status, headers, message };
}

/** @param limited milliseconds until the rate limit ends, if that was the reason */
function failure({ status, message }: Refusal, limited: number | undefined): GitHubError {
  const when = limited === undefined ? '' : `; try again in ${Math.ceil(limited / 60_000)} min`;
  return new GitHubError(status, `GitHub answered ${status} ${message}`.trim() + when, limited !== undefined);
}
