import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/launchdarkly/clock.js';
import { Delivery } from '../../../src/launchdarkly/http/delivery.js';
import { connect, connectWriter } from '../../../src/launchdarkly/connect.js';
import { NetworkError } from '../../../src/launchdarkly/http/network-error.js';
import { withRetry } from '../../../src/launchdarkly/http/retry.js';
import { startRun } from '../../../src/launchdarkly/http/run-time.js';
import type { HttpResponse } from '../../../src/launchdarkly/http/transport.js';
import { options, startServer, type TestServer } from '../server.js';
import { VirtualClock } from '../virtual-clock.js';

const SCOPE = { project: 'p', environment: 'e' };
const ID = { flag: 'f', kind: 'user', key: 'k' };

let server: TestServer | undefined;
afterEach(async () => {
  await server?.stop();
  server = undefined;
});

describe('the time limit of a run', () => {
  test('the time limit ends a sleep that would last longer, and then the run', async () => {
    const clock = new VirtualClock();
    const start = clock.now();
    const run = startRun({ clock, timeLimit: 2000 });
    await clock.run(run.clock.sleep(1500));
    expect(run.timeLeft()).toBe(500);
    expect(run.signal.aborted).toBe(false);
    await clock.run(run.clock.sleep(120_000));
    expect(clock.now() - start).toBe(2000);
    expect(run.timeLeft()).toBe(0);
    expect(run.signal.reason).toMatchObject({
      code: 'run-timeout',
      message: 'the run reached its time limit (2 s)',
      hint: expect.stringContaining('timeouts.run') as string,
    });
  });

  test('an interruption ends a sleep and the run', async () => {
    const clock = new VirtualClock();
    const interruption = new AbortController();
    const run = startRun({ clock, timeLimit: 60_000, signal: interruption.signal });
    const sleeping = run.clock.sleep(30_000);
    interruption.abort();
    await sleeping;
    expect(run.timeLeft()).toBe(60_000);
    expect(run.signal.reason).toMatchObject({ code: 'interrupted' });
  });

  test('a sleep in a run can be cancelled without ending the run', async () => {
    const clock = new VirtualClock();
    const run = startRun({ clock, timeLimit: 60_000 });
    const cancel = new AbortController();
    const sleeping = run.clock.sleep(30_000, cancel.signal);
    cancel.abort(new Error('changed my mind'));
    await expect(sleeping).rejects.toThrow('changed my mind');
    expect(run.signal.aborted).toBe(false);
  });

  test.each<readonly [string, () => HttpResponse | Error]>([
    [
      'a server that asks for a long pause',
      () => ({ status: 503, headers: new Map([['retry-after', '100']]), text: '', isUtf8: true }),
    ],
    ['a host that cannot be reached', () => new NetworkError('broken', 'h', undefined)],
  ])('the time limit ends retries with %s', async (_, outcome) => {
    const clock = new VirtualClock();
    const start = clock.now();
    const run = startRun({ clock, timeLimit: 2000 });
    const attempt = (): Promise<HttpResponse> => {
      const result = outcome();
      return result instanceof Error ? Promise.reject(result) : Promise.resolve(result);
    };
    const context = { clock: run.clock, signal: run.signal, hasAnswered: () => true };
    await expect(clock.run(withRetry(attempt, context))).rejects.toMatchObject({ code: 'run-timeout' });
    expect(clock.now() - start).toBe(2000);
  });
});

describe('a run that has reached its time limit', () => {
  const short = { timeouts: { attempt: 20_000, run: 100 }, clock: systemClock };

  test('a run at its time limit does not wait for a response', async () => {
    server = await startServer(() => undefined);
    const start = performance.now();
    const reading = connect(options(server.url, short)).getFlag('p', 'f', ['e']);
    await expect(reading).rejects.toMatchObject({
      code: 'run-timeout',
      message: 'the run reached its time limit (0 s): no response to GET /api/v2/flags/p/f?env=e',
    });
    expect(performance.now() - start).toBeLessThan(5000);
  });

  test('a run at its time limit does not wait for the rest of a response', async () => {
    server = await startServer((_, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('{');
    });
    const reading = connect(options(server.url, short)).getFlag('p', 'f', ['e']);
    await expect(reading).rejects.toMatchObject({ code: 'run-timeout' });
  });

  test('a run at its time limit finishes a write in flight and starts no other', async () => {
    server = await startServer((_, response) => {
      void delay(300).then(() => response.writeHead(204).end());
    });
    const writer = connectWriter(options(server.url, short));
    await writer.putSetting(SCOPE, ID, true, '', new Delivery());
    await expect(writer.putSetting(SCOPE, ID, true, '', new Delivery())).rejects.toMatchObject({
      code: 'run-timeout',
    });
    expect(server.seen).toHaveLength(1);
  });

  test.each(['86400', '9'.repeat(400), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
    'a run does not wait beyond its time limit for Retry-After: %s',
    async (retryAfter) => {
      server = await startServer((_, response) =>
        response.writeHead(429, { 'retry-after': retryAfter }).end(),
      );
      const timeouts = { attempt: 5000, run: 2000 };
      const writer = connectWriter(options(server.url, { timeouts }));
      await expect(writer.putSetting(SCOPE, ID, true, '', new Delivery())).rejects.toMatchObject({
        code: 'run-timeout',
        message: expect.stringMatching(
          /^the run reached its time limit \(2 s\): rate limited by LaunchDarkly, continuing in \d{5,} s$/,
        ) as string,
      });
      expect(server.seen).toHaveLength(1);
    },
  );
});
