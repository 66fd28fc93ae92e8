import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Clock } from '../../src/launchdarkly/clock.js';
import type { ConnectOptions } from '../../src/launchdarkly/http/api.js';

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** The requests so far, as `GET /path`. */
  readonly seen: readonly string[];
  readonly stop: () => Promise<void>;
}

/** Starts a server on a free loopback port that responds as the test says. */
export async function startServer(
  respond: (request: IncomingMessage, response: ServerResponse, index: number) => void,
): Promise<TestServer> {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    respond(request, response, seen.length - 1);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const stop = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${port}`, port, seen, stop };
}

export function json(response: ServerResponse, status: number, body: unknown, headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

export const TOKEN = 'api-11111111-2222-3333-4444-555555555555';

/** A clock with the real time, whose sleeps move it forward instead of waiting. */
export function skippingClock(): Clock {
  let skipped = 0;
  return {
    now: () => Date.now() + skipped,
    sleep: (ms) => {
      skipped += Math.max(0, ms);
      return Promise.resolve();
    },
    random: () => 0.5,
  };
}

/** Connection options; a test sets only what it is about. */
export function options(baseUrl: string, more: Partial<ConnectOptions> = {}): ConnectOptions {
  return {
    baseUrl,
    token: TOKEN,
    api: 'users',
    rate: { concurrency: 4, writesPerSecond: null, reserve: 0 },
    timeouts: { attempt: 5000, run: 3_600_000 },
    clock: skippingClock(),
    version: '1.2.3',
    ...more,
  };
}
