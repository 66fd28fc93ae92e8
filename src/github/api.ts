import { OperatorError } from '../diagnostics/operator-error.js';
import type { Clock } from '../launchdarkly/clock.js';
import { waitFor } from './rate.js';

// GitHub's REST API by plain fetch: the five requests that are needed. Octokit would be a megabyte of bundle for them.

/** GitHub's answer was no. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
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
  /** The parsed answer. Throws GitHubError, and OperatorError where GitHub is out of reach. */
  readonly request: (method: Method, path: string, body?: unknown) => Promise<unknown>;
  /** Every item of a list, page after page, until whoever reads has enough. */
  readonly pages: (path: string) => AsyncGenerator;
}

type Method = 'GET' | 'POST' | 'PATCH';

/** Milliseconds that one answer may take. */
const PATIENCE = 20_000;
const TRIES = 4;
/** A hundred items each; a list that is longer is not searched to its end. */
const MAX_PAGES = 50;

/** Opens GitHub's API. Nothing is sent yet. */
export function openGitHub(options: ApiOptions): GitHubApi {
  const { clock, token, version } = options;
  const base = options.url;

  const once = (method: Method, url: string, body: unknown): Promise<Response> =>
    fetch(url, {
      method,
      headers: {
        accept: 'application/vnd.github+json',
        authorization: `Bearer ${token}`,
        'user-agent': `flagops/${version}`,
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(PATIENCE)]),
    });

  const send = async (method: Method, url: string, body?: unknown): Promise<Response> => {
    for (let attempt = 1; ; attempt += 1) {
      let response: Response;
      try {
        response = await once(method, url, body);
      } catch (cause) {
        // Whether a POST was taken cannot be known, and a second one would make a second comment.
        if (method !== 'POST' && attempt < TRIES && !options.signal.aborted) {
          await clock.sleep(1000 * 2 ** (attempt - 1) * (0.5 + clock.random()), options.signal);
          continue;
        }
        throw new OperatorError('github-unreachable', `GitHub's API at ${base} does not answer`, { cause });
      }
      if (response.ok) return response;
      const wait = attempt < TRIES ? waitFor(response, method, attempt, clock) : undefined;
      if (wait === undefined) throw await failure(response);
      await response.body?.cancel();
      await clock.sleep(wait, options.signal);
    }
  };

  return {
    request: async (method, path, body) => parse(await send(method, `${base}${path}`, body)),
    async *pages(path) {
      let url: string | undefined = `${base}${path}`;
      for (let page = 1; url !== undefined && page <= MAX_PAGES; page += 1) {
        const response: Response = await send('GET', url);
        const items = await parse(response);
        if (!Array.isArray(items))
          throw new GitHubError(response.status, 'GitHub did not answer with a list');
        yield* items as unknown[];
        url = nextPage(response.headers.get('link'), base);
      }
    },
  };
}

/** The page that comes next; never one of another host, which the token must not go to. */
function nextPage(link: string | null, base: string): string | undefined {
  const url = /<([^<>]+)>\s*;[^,]*\brel="?next"?/.exec(link ?? '')?.[1];
  if (url === undefined || !URL.canParse(url)) return undefined;
  return new URL(url).origin === new URL(base).origin ? url : undefined;
}

async function parse(response: Response): Promise<unknown> {
  const content = await response.text();
  if (content === '') return undefined;
  try {
    return JSON.parse(content) as unknown;
  } catch {
    throw new GitHubError(response.status, 'GitHub did not answer with JSON');
  }
}

async function failure(response: Response): Promise<GitHubError> {
  const content = await response.text().catch(() => '');
  let message = response.statusText;
  try {
    const body = JSON.parse(content) as { readonly message?: unknown };
    if (typeof body.message === 'string') message = body.message;
  } catch {
    // An error page of something in between says nothing that helps.
  }
  return new GitHubError(response.status, `GitHub answered ${response.status} ${message}`.trim());
}
