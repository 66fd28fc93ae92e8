import { OperatorError } from '../diagnostics/operator-error.js';
import type { Clock } from '../launchdarkly/clock.js';
import { type Fetch, fetchFrom } from './http.js';
import { backoff, rateLimitWait, type Refusal } from './rate-limit.js';

// GitHub's REST API by fetch: the five requests that are needed. Octokit would be a megabyte of bundle for them.

/** GitHub's answer was no. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  readonly status: number;
  /** Whether it was a rate limit: then a 403 says nothing about permissions. */
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
  /** Whether what is written with the token is a bot's, as with that of a job or of a GitHub App. */
  readonly writesAsBot: boolean;
  /** The parsed answer. Throws GitHubError, and OperatorError where GitHub is out of reach. */
  readonly request: (method: Method, path: string, body?: unknown) => Promise<unknown>;
  /** Every item of a list, page after page, until whoever reads has enough. */
  readonly pages: (path: string) => AsyncGenerator;
  /** Waits, longer after each attempt, before something is tried again. */
  readonly pause: (attempt: number) => Promise<void>;
}

/** An answer, read to its end. */
interface ApiResponse {
  readonly status: number;
  readonly statusText: string;
  readonly headers: Awaited<ReturnType<Fetch>>['headers'];
  readonly text: string;
}

type Method = 'GET' | 'POST' | 'PATCH';

/** Milliseconds that one answer may take. */
const RESPONSE_TIMEOUT = 20_000;
/** Milliseconds that one request may wait for rate limits in all: the job is there for more than this. */
const MAX_LIMIT_WAIT = 300_000;
export const MAX_ATTEMPTS = 4;
/** A hundred items each; a list that is longer is not searched to its end. */
const MAX_PAGES = 50;

/** Opens GitHub's API. Nothing is sent yet. */
export function openGitHub(options: ApiOptions): GitHubApi {
  const { clock, token, version } = options;
  const base = options.url;
  const fetch = fetchFrom(base);

  const once = async (method: Method, url: string, body: unknown): Promise<ApiResponse> => {
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
    // A connection can break in the middle of an answer too.
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
      let answer: ApiResponse;
      try {
        answer = await once(method, url, body);
      } catch (cause) {
        if (options.signal.aborted) throw interrupted(cause);
        // Whether a POST was taken cannot be known, and a second one would make a second comment.
        if (method !== 'POST' && attempt < MAX_ATTEMPTS) {
          await sleep(backoff(attempt, clock));
          continue;
        }
        throw new OperatorError('github-unreachable', `GitHub's API at ${base} does not answer`, { cause });
      }
      if (answer.status >= 200 && answer.status < 300) return answer;
      const refusal = refusalOf(answer);
      const limited = rateLimitWait(refusal, attempt, clock);
      const passing = refusal.status >= 500 && method !== 'POST' ? backoff(attempt, clock) : undefined;
      const wait = limited ?? passing;
      waited += limited ?? 0;
      if (wait === undefined || attempt === MAX_ATTEMPTS || waited > MAX_LIMIT_WAIT) throw failure(refusal, limited);
      await sleep(wait);
    }
  };

  return {
    // GitHub, "Authenticating to the REST API": installation access tokens start so.
    writesAsBot: token.startsWith('ghs_'),
    request: async (method, path, body) => parse(await send(method, `${base}${path}`, body)),
    async *pages(path) {
      let url: string | undefined = `${base}${path}`;
      for (let page = 1; url !== undefined && page <= MAX_PAGES; page += 1) {
        const answer: ApiResponse = await send('GET', url);
        const items = parse(answer);
        if (!Array.isArray(items)) throw new GitHubError(answer.status, 'GitHub did not answer with a list');
        yield* items as unknown[];
        url = nextPage(answer.headers.get('link'), base);
      }
    },
    pause: (attempt) => sleep(backoff(attempt, clock)),
  };
}

function interrupted(cause: unknown): OperatorError {
  return new OperatorError('interrupted', "interrupted while waiting for GitHub's API", { cause });
}

/** The page that comes next; never one of another host, which the token must not go to. */
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
    // An error page of something in between says nothing that helps.
  }
  return { status, headers, message };
}

/** @param limited milliseconds until a rate limit ends, where that is what refused */
function failure({ status, message }: Refusal, limited: number | undefined): GitHubError {
  const when = limited === undefined ? '' : `; ask again in ${Math.ceil(limited / 60_000)} min`;
  return new GitHubError(status, `GitHub answered ${status} ${message}`.trim() + when, limited !== undefined);
}
