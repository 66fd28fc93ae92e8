import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { REPOSITORY } from './github.js';
import { temporaryFolder, TestRepository } from './repository.js';

/** The inputs of actions/checkout. */
export interface CheckoutOptions {
  readonly ref?: string;
  /** All of history by default. */
  readonly depth?: number;
}

/** Git over HTTP as GitHub and others serve it: git's own backend, for requests with the token of the job. */
export class GitServer {
  /** The bare repository behind it. */
  readonly bare: TestRepository;
  /** `upload-pack` for each fetch, `receive-pack` for each push, in the order of the requests. */
  readonly services: string[] = [];
  /** Services that were requested without the token or with another one. */
  readonly refused: string[] = [];
  /** A service that the token may not use. */
  denied: string | undefined;
  /** Runs before a service answers. */
  before: ((service: string) => void) | undefined;
  readonly #token: string;
  readonly #user: string;
  readonly #root: string;
  readonly #server: Server = createServer((request, response) => this.#handle(request, response));

  constructor(token: string, user = 'x-access-token') {
    this.#token = token;
    this.#user = user;
    this.#root = temporaryFolder();
    mkdirSync(join(this.#root, REPOSITORY), { recursive: true });
    this.bare = new TestRepository(join(this.#root, REPOSITORY));
    this.bare.git('init', '--quiet', '--bare', '--initial-branch=main');
  }

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** As `GITHUB_SERVER_URL`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** A workspace as `actions/checkout` makes it with `persist-credentials: false`. */
  checkout({ ref = 'refs/heads/main', depth }: CheckoutOptions = {}): TestRepository {
    const workspace = new TestRepository(temporaryFolder());
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
    workspace.git('init', '--quiet', '--initial-branch=nothing');
    // Not over HTTP: this process waits for git, so the server in it could not answer.
    const cut = depth === undefined ? [] : [`--depth=${depth}`];
    workspace.git(
      'fetch',
      '--quiet',
      '--no-tags',
      ...cut,
      `file://${this.bare.path}`,
      `+${ref}:refs/remotes/origin/x`,
    );
    workspace.git('remote', 'add', 'origin', `${this.url}/${REPOSITORY}`);
    const target = branch === undefined ? ['--detach'] : ['--no-track', '-B', branch];
    workspace.git('checkout', '--quiet', ...target, 'refs/remotes/origin/x');
    workspace.git('update-ref', '-d', 'refs/remotes/origin/x');
    return workspace;
  }

  /** The last-applied refs: commit by ref. */
  get applied(): Record<string, string> {
    const lines = this.bare.git('for-each-ref', '--format=%(refname) %(objectname)', 'refs/flagops/applied');
    return Object.fromEntries(
      lines.split('\n').flatMap((line) => (line === '' ? [] : [line.split(' ') as [string, string]])),
    );
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '', this.url);
    const service = /git-(upload|receive)-pack/.exec(url.href)?.[0].slice('git-'.length) ?? url.pathname;
    const expected = `basic ${Buffer.from(`${this.#user}:${this.#token}`).toString('base64')}`;
    if (request.headers.authorization?.replace(/^Basic /, 'basic ') !== expected) {
      this.refused.push(service);
      response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
      return;
    }
    this.before?.(service);
    if (service === this.denied) {
      response.writeHead(403).end('Write access to repository not granted.');
      return;
    }
    if (request.method === 'GET') this.services.push(service);
    this.#serve(request, url, response);
  }

  /** CGI (RFC 3875), the part of it that git's backend needs. */
  #serve(request: IncomingMessage, url: URL, response: ServerResponse): void {
    const backend = spawn('git', ['http-backend'], {
      env: {
        PATH: process.env['PATH'],
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_NOSYSTEM: '1',
        GIT_PROJECT_ROOT: this.#root,
        GIT_HTTP_EXPORT_ALL: '1',
        REMOTE_USER: 'x-access-token',
        REQUEST_METHOD: request.method,
        PATH_INFO: url.pathname,
        QUERY_STRING: url.search.slice(1),
        CONTENT_TYPE: request.headers['content-type'] ?? '',
        HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    request.pipe(backend.stdin);
    const chunks: Buffer[] = [];
    backend.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    backend.once('close', () => {
      const output = Buffer.concat(chunks);
      const end = output.indexOf('\r\n\r\n');
      const fields = output
        .subarray(0, end)
        .toString('latin1')
        .split('\r\n')
        .map((line) => line.split(': ', 2));
      const headers = Object.fromEntries(fields.filter(([name]) => name !== 'Status')) as Record<
        string,
        string
      >;
      const status = fields.find(([name]) => name === 'Status')?.[1] ?? '200';
      response.writeHead(Number(status.slice(0, 3)), headers).end(output.subarray(end + 4));
    });
  }
}

/** Starts a new git server, which ends with the test. */
export async function startGitServer(token: string, user?: string): Promise<GitServer> {
  const server = new GitServer(token, user);
  await server.start();
  onTestFinished(() => server.stop());
  return server;
}
