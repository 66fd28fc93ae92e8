import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';

/** The `github.token` of a workflow. */
export const GITHUB_TOKEN = 'ghs_thetokenofthejob0123456789';
export const REPOSITORY = 'acme/flags';

export interface Comment {
  readonly id: number;
  body: string;
  readonly author: Author;
}

export interface Issue {
  readonly number: number;
  title: string;
  body: string;
  state: string;
  readonly author: Author;
  readonly isPullRequest: boolean;
}

interface Author {
  readonly type: 'Bot' | 'User';
  readonly association: string;
}

const BOT: Author = { type: 'Bot', association: 'NONE' };
export const STRANGER: Author = { type: 'User', association: 'NONE' };
export const COLLABORATOR: Author = { type: 'User', association: 'COLLABORATOR' };

export interface GitHubRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  readonly status: number;
}

interface FakeResponse {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Replaces the response to a request. */
interface Interruption {
  /** The connection breaks if it is missing. */
  readonly answer?: FakeResponse;
  /** Whether the request is processed all the same. */
  readonly done?: boolean;
  /** Whether the connection breaks in the middle of the response. */
  readonly cutShort?: boolean;
}

/**
 * A fake of GitHub: the part of its REST API that the Action uses. It refuses the same requests as the real one: requests
 * without the token or a user agent, texts that are too long, missing permissions, and requests over the rate limit.
 */
export class FakeGitHub {
  /** Commit ids by branch. */
  readonly tips = new Map<string, string>();
  readonly comments = new Map<number, Comment[]>();
  readonly issues: Issue[] = [];
  readonly requests: GitHubRequest[] = [];
  defaultBranch = 'main';
  /** The most items on a page, whatever `per_page` asks for. */
  pageSize = 100;
  /** Matches `METHOD path` of requests for which the token has no permission. */
  denied: RegExp | undefined;
  /** For the next requests, one each. */
  readonly interruptions: Interruption[] = [];
  token = GITHUB_TOKEN;
  /** Epoch milliseconds. */
  now: () => number = Date.now;
  /** Requests that are left until `reset` (epoch seconds). */
  budget = { limit: 1000, remaining: 1000, reset: 0 };
  /** Awaited before each request is processed. */
  before: (() => Promise<void>) | undefined;
  /** Number of requests received, answered or not. */
  arrived = 0;
  #ids = 1000;
  readonly #server: Server = createServer((request, response) => void this.#handle(request, response));

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  addComment(pullRequest: number, body: string, author = BOT): Comment {
    const comment = { id: (this.#ids += 1), body, author };
    this.comments.set(pullRequest, [...(this.comments.get(pullRequest) ?? []), comment]);
    return comment;
  }

  addIssue(title: string, body: string, { author = BOT, isPullRequest = false } = {}): Issue {
    const issue = { number: (this.#ids += 1), title, body, state: 'open', author, isPullRequest };
    this.issues.unshift(issue);
    return issue;
  }

  /** All requests that write, for example `POST /repos/acme/flags/issues`. */
  get writes(): string[] {
    return this.requests
      .filter(({ method }) => method !== 'GET')
      .map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const content = Buffer.concat(chunks).toString('utf8');
    const body = content === '' ? undefined : (JSON.parse(content) as Record<string, unknown>);
    const path = request.url ?? '';
    const method = request.method ?? '';
    this.arrived += 1;
    await this.before?.();
    const refusal = this.#overLimit() ?? this.#refusal(request);
    const interruption = refusal === undefined ? this.interruptions.shift() : undefined;
    const done =
      refusal === undefined && (interruption === undefined || interruption.done === true)
        ? this.#answer(method, path, body)
        : undefined;
    const answer = refusal ?? (interruption === undefined ? done : interruption.answer);
    this.requests.push({ method, path, body, status: answer?.status ?? 0 });
    if (interruption?.cutShort === true) {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half of', () => request.socket.destroy());
      return;
    }
    if (answer === undefined) {
      request.socket.destroy();
      return;
    }
    response.writeHead(answer.status, {
      'content-type': 'application/json; charset=utf-8',
      date: new Date(this.now()).toUTCString(),
      'x-ratelimit-limit': String(this.budget.limit),
      'x-ratelimit-remaining': String(this.budget.remaining),
      'x-ratelimit-reset': String(this.budget.reset),
      ...answer.headers,
    });
    response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
  }

  #overLimit(): FakeResponse | undefined {
    const { limit, remaining, reset } = this.budget;
    const now = this.now() / 1000;
    if (now >= reset) this.budget = { limit, remaining: limit, reset: Math.ceil(now) + 3600 };
    else if (remaining === 0)
      return { status: 403, body: { message: 'API rate limit exceeded for installation.' } };
    this.budget.remaining -= 1;
    return undefined;
  }

  #refusal({ headers, method, url }: IncomingMessage): FakeResponse | undefined {
    if (headers.authorization !== `Bearer ${this.token}`)
      return { status: 401, body: { message: 'Bad credentials' } };
    if ((headers['user-agent'] ?? '') === '' || headers['x-github-api-version'] === undefined)
      return { status: 403, body: { message: 'Request forbidden by administrative rules.' } };
    if (this.denied?.test(`${method} ${url}`) === true)
      return { status: 403, body: { message: 'Resource not accessible by integration' } };
    return undefined;
  }

  #answer(method: string, path: string, body: Record<string, unknown> | undefined): FakeResponse {
    const url = new URL(path, this.url);
    const route = `${method} ${url.pathname.replace(`/repos/${REPOSITORY}`, '')}`;
    const text = typeof body?.['body'] === 'string' ? body['body'] : '';
    if (text.length > 65_536)
      return { status: 422, body: { message: 'Body is too long (maximum is 65536 characters)' } };
    const [, branch] = /^GET \/git\/ref\/heads\/(.+)$/.exec(route) ?? [];
    if (branch !== undefined) {
      const sha = this.tips.get(decodeURIComponent(branch));
      if (sha === undefined) return { status: 404, body: { message: 'Not Found' } };
      return { status: 200, body: { ref: `refs/heads/${branch}`, object: { type: 'commit', sha } } };
    }
    const [, pull] = /^(?:GET|POST) \/issues\/(\d+)\/comments$/.exec(route) ?? [];
    if (pull !== undefined) {
      if (method === 'POST') return { status: 201, body: shownComment(this.addComment(Number(pull), text)) };
      return this.#list(url, (this.comments.get(Number(pull)) ?? []).map(shownComment));
    }
    const [, edited] = /^PATCH \/issues\/comments\/(\d+)$/.exec(route) ?? [];
    if (edited !== undefined) {
      const comment = [...this.comments.values()].flat().find(({ id }) => id === Number(edited));
      if (comment === undefined) return { status: 404, body: { message: 'Not Found' } };
      comment.body = text;
      return { status: 200, body: shownComment(comment) };
    }
    if (route === 'GET /issues')
      return this.#list(url, this.issues.filter(({ state }) => state === 'open').map(shownIssue));
    if (route === 'POST /issues')
      return { status: 201, body: shownIssue(this.addIssue(String(body?.['title']), text)) };
    const [, changed] = /^PATCH \/issues\/(\d+)$/.exec(route) ?? [];
    const issue = this.issues.find(({ number }) => number === Number(changed));
    if (issue !== undefined) {
      Object.assign(issue, body);
      return { status: 200, body: shownIssue(issue) };
    }
    if (url.pathname === `/repos/${REPOSITORY}`)
      return { status: 200, body: { full_name: REPOSITORY, default_branch: this.defaultBranch } };
    return { status: 404, body: { message: 'Not Found' } };
  }

  #list(url: URL, items: readonly unknown[]): FakeResponse {
    const asked = Number(url.searchParams.get('per_page') ?? '30');
    const size = Math.min(asked, 100, this.pageSize);
    const page = Number(url.searchParams.get('page') ?? '1');
    const hasMore = page * size < items.length;
    url.searchParams.set('page', String(page + 1));
    return {
      status: 200,
      body: items.slice((page - 1) * size, page * size),
      headers: hasMore ? { link: `<${url.href}>; rel="next", <${url.href}>; rel="last"` } : {},
    };
  }
}

function shownComment({ id, body, author }: Comment): unknown {
  return { id, body, user: { type: author.type }, author_association: author.association };
}

function shownIssue({ number, title, body, state, author, isPullRequest }: Issue): unknown {
  return {
    number,
    title,
    body,
    state,
    user: { type: author.type },
    author_association: author.association,
    ...(isPullRequest ? { pull_request: {} } : {}),
  };
}

/** Starts a new GitHub, which ends with the test. */
export async function startGitHub(): Promise<FakeGitHub> {
  const github = new FakeGitHub();
  await github.start();
  onTestFinished(() => github.stop());
  return github;
}
