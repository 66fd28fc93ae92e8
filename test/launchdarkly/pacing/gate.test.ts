import { describe, expect, test } from 'vitest';
import { OperatorError } from '../../../src/diagnostics/operator-error.js';
import { type Gate, type GateOptions, openGate } from '../../../src/launchdarkly/pacing/gate.js';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import type { HttpResponse } from '../../../src/launchdarkly/http/transport.js';
import { slidingWindow } from './rate-models.js';
import { VirtualClock } from '../virtual-clock.js';

const write = { route: 'user setting', isWrite: true } as const;
const read = { route: 'flag', isWrite: false } as const;

function setUp(more: Partial<GateOptions> = {}) {
  const clock = new VirtualClock();
  const end = new AbortController();
  const waits: (string | undefined)[] = [];
  const gate: Gate = openGate({
    concurrency: 4,
    reserve: 0,
    writesPerSecond: null,
    clock,
    signal: end.signal,
    deadline: clock.now() + 3_600_000,
    expire: () => end.abort(new OperatorError('run-timeout', 'time is up')),
    onWait: (wait) => waits.push(wait?.reason),
    ...more,
  });
  return { clock, gate, waits, end };
}

function respond(status: number, headers: Record<string, string> = {}): HttpResponse {
  return { status, headers: new Map(Object.entries(headers)), text: '', isUtf8: true };
}

describe('the gate', () => {
  test('the gate keeps to the configured concurrency', async () => {
    const { clock, gate } = setUp({ concurrency: 3 });
    let inFlight = 0;
    let most = 0;
    const send = async (): Promise<HttpResponse> => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await clock.sleep(10);
      inFlight -= 1;
      return respond(204);
    };
    await clock.run(Promise.all(Array.from({ length: 30 }, () => gate.pass(write, send))));
    expect(most).toBe(3);
  });

  test('the gate sends one request first on a new route, and twice as many after each round trip', async () => {
    const { clock, gate } = setUp();
    const started: number[] = [];
    const send = async (): Promise<HttpResponse> => {
      started.push(clock.now());
      await clock.sleep(100);
      return respond(204, { 'x-ratelimit-route-remaining': '1000000' });
    };
    const start = clock.now();
    await clock.run(Promise.all(Array.from({ length: 8 }, () => gate.pass(write, send))));
    expect(started.map((at) => Math.round(at - start))).toEqual([0, 100, 100, 200, 200, 200, 200, 300]);
  });

  test('the gate sends one request first after a 429, and twice as many after each round trip', async () => {
    const { clock, gate } = setUp();
    const started: number[] = [];
    const send = async (): Promise<HttpResponse> => {
      started.push(clock.now());
      const isRefused = started.length === 7;
      await clock.sleep(100);
      return isRefused
        ? respond(429, { 'retry-after': '1' })
        : respond(204, { 'x-ratelimit-route-remaining': '1000000' });
    };
    const passAll = (count: number): Promise<readonly HttpResponse[]> =>
      clock.run(Promise.all(Array.from({ length: count }, () => gate.pass(write, send))));
    await passAll(7);
    const refusedAt = clock.now();
    await passAll(3);
    expect(started.slice(7).map((at) => at - refusedAt)).toEqual([1500, 1600, 1600]);
  });

  test('the gate sends a second request alone if the first response has no rate headers', async () => {
    const { clock, gate } = setUp();
    const started: number[] = [];
    const send = async (): Promise<HttpResponse> => {
      started.push(clock.now());
      await clock.sleep(100);
      return respond(started.length === 1 ? 502 : 204);
    };
    const start = clock.now();
    await clock.run(Promise.all(Array.from({ length: 5 }, () => gate.pass(write, send))));
    expect(started.map((at) => at - start)).toEqual([0, 100, 200, 200, 200]);
  });

  test('the gate does not mistake its own requests on other routes for those of other clients', async () => {
    const { clock, gate, waits } = setUp();
    const global = slidingWindow(20_000);
    const routes = { flag: slidingWindow(2000), 'user setting': slidingWindow(1000) };
    const sendTo = (route: keyof typeof routes) => async (): Promise<HttpResponse> => {
      await clock.sleep(3);
      const [all, one] = [global.take(clock.now()), routes[route].take(clock.now())];
      await clock.sleep(3);
      return respond(200, {
        'x-ratelimit-global-remaining': String(all.remaining),
        'x-ratelimit-global-limit': '20000',
        'x-ratelimit-route-remaining': String(one.remaining),
        'x-ratelimit-route-limit': String(routes[route].limit),
        'x-ratelimit-reset': String(one.reset),
        date: new Date(clock.now()).toUTCString(),
      });
    };
    for (let index = 0; index < 3; index += 1) await clock.run(gate.pass(read, sendTo('flag')));
    await clock.run(clock.sleep(2000));
    const start = clock.now();
    await clock.run(Promise.all(Array.from({ length: 300 }, () => gate.pass(write, sendTo('user setting')))));
    expect(clock.now() - start).toBeLessThan(3500);
    expect(waits).toEqual([]);
  });

  test('the gate serves each route in order of arrival, and no route waits for another', async () => {
    const { clock, gate } = setUp();
    const order: string[] = [];
    const full = { 'x-ratelimit-route-remaining': '0', 'x-ratelimit-route-limit': '1' };
    const send =
      (name: string, headers = {}) =>
      async (): Promise<HttpResponse> => {
        order.push(name);
        await clock.sleep(1);
        return respond(204, headers);
      };
    await clock.run(
      Promise.all([
        gate.pass(write, send('write 1', { ...full, 'x-ratelimit-reset': String(clock.now() + 5000) })),
        gate.pass(write, send('write 2')),
        gate.pass(write, send('write 3')),
        gate.pass(read, send('read 1')),
        gate.pass(read, send('read 2')),
      ]),
    );
    expect(order).toEqual(['write 1', 'read 1', 'read 2', 'write 2', 'write 3']);
  });

  test('a 429 pauses every route until the reset, plus jitter', async () => {
    const { clock, gate, waits } = setUp();
    const start = clock.now();
    const refusal = respond(429, {
      'x-ratelimit-route-remaining': '0',
      'x-ratelimit-reset': String(start + 7000),
    });
    await clock.run(gate.pass(write, () => Promise.resolve(refusal)));
    await clock.run(gate.pass(read, () => Promise.resolve(respond(200))));
    expect(clock.now() - start).toBe(7500);
    expect(waits).toEqual(['rate limited by LaunchDarkly, continuing in 8 s', undefined]);
  });

  test('the gate names the 429 as the reason if a budget is ready only a moment later', async () => {
    const { clock, gate, waits } = setUp({ reserve: 0 });
    const reset = String(clock.now() + 10_000);
    const headers = { 'x-ratelimit-route-limit': '3', 'x-ratelimit-reset': reset };
    await clock.run(
      gate.pass(write, async () => {
        await clock.sleep(600);
        return respond(204, { ...headers, 'x-ratelimit-route-remaining': '2' });
      }),
    );
    await clock.run(
      gate.pass(write, () =>
        Promise.resolve(respond(429, { ...headers, 'x-ratelimit-route-remaining': '0' })),
      ),
    );
    waits.length = 0;
    await clock.run(gate.pass(write, () => Promise.resolve(respond(204))));
    expect(waits[0]).toMatch(/^rate limited by LaunchDarkly, continuing in \d+ s$/);
  });

  test('the gate waits as long as Retry-After says', async () => {
    const { clock, gate } = setUp();
    const start = clock.now();
    await clock.run(gate.pass(write, () => Promise.resolve(respond(429, { 'retry-after': '30' }))));
    await clock.run(gate.pass(write, () => Promise.resolve(respond(204))));
    expect(clock.now() - start).toBe(30_500);
  });

  test('a 429 with a reset in the past still pauses, and longer each time', async () => {
    const { clock, gate } = setUp();
    const start = clock.now();
    const times: number[] = [];
    for (let index = 0; index < 6; index += 1) {
      await clock.run(
        gate.pass(write, () => {
          times.push(clock.now() - start);
          return Promise.resolve(
            respond(429, { 'x-ratelimit-route-remaining': '0', 'x-ratelimit-reset': String(start - 60_000) }),
          );
        }),
      );
    }
    const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
    expect(pauses.every((pause, index) => pause >= Math.min(WINDOW, 1000 * 2 ** index))).toBe(true);
    // A second, or a whole window, and half a second of jitter.
    expect(pauses[0]).toBe(1500);
    expect(pauses.at(-1)).toBe(WINDOW + 500);
    expect(Math.max(...pauses)).toBe(WINDOW + 500);
  });

  test('the gate announces what it waits for', async () => {
    const { clock, gate, waits } = setUp();
    const headers = {
      'x-ratelimit-route-remaining': '0',
      'x-ratelimit-route-limit': '5',
      'x-ratelimit-reset': String(clock.now() + 7000),
    };
    await clock.run(gate.pass(write, () => Promise.resolve(respond(204, headers))));
    await clock.run(gate.pass(write, () => Promise.resolve(respond(204))));
    expect(waits).toEqual(['rate limit resets in 7 s', undefined]);
  });

  test('the gate announces no wait if no request is waiting', async () => {
    const { clock, gate, waits } = setUp();
    await clock.run(gate.pass(write, () => Promise.resolve(respond(429))));
    await clock.run(clock.sleep(60_000));
    expect(waits).toEqual([]);
  });

  test('the gate announces no wait that a response in flight ends', async () => {
    const { clock, gate, waits } = setUp();
    const headers = (remaining: number): Record<string, string> => ({
      'x-ratelimit-global-remaining': String(remaining),
      'x-ratelimit-reset': String(clock.now() + 9000),
    });
    const send = (remaining: number, ms: number) => async (): Promise<HttpResponse> => {
      await clock.sleep(ms);
      return respond(204, headers(remaining));
    };
    const start = clock.now();
    await clock.run(
      Promise.all([
        gate.pass(write, send(0, 10)),
        gate.pass(read, send(900, 1000)),
        gate.pass(write, send(899, 10)),
      ]),
    );
    expect(clock.now() - start).toBeLessThan(1100);
    expect(waits).toEqual([]);
  });

  test('the gate announces a wait that a slow response does not end', async () => {
    const { clock, gate, waits } = setUp();
    const start = clock.now();
    const headers = {
      'x-ratelimit-route-remaining': '0',
      'x-ratelimit-route-limit': '5',
      'x-ratelimit-reset': String(start + 9000),
    };
    let announcedAt = 0;
    const slow = async (): Promise<HttpResponse> => {
      for (let waited = 0; waited < 8000; waited += 100) {
        await clock.sleep(100);
        if (waits.length > 0 && announcedAt === 0) announcedAt = clock.now() - start;
      }
      return respond(200);
    };
    await clock.run(
      Promise.all([
        gate.pass(read, slow),
        gate.pass(write, () => Promise.resolve(respond(204, headers))),
        gate.pass(write, () => Promise.resolve(respond(204))),
      ]),
    );
    expect(waits).toEqual(['rate limit resets in 7 s', undefined]);
    expect(announcedAt).toBeGreaterThanOrEqual(2500);
    expect(announcedAt).toBeLessThan(2800);
  });

  test('the gate announces a wait again if its end moves by a second', async () => {
    const announced = async (retryAfter: string): Promise<readonly (string | undefined)[]> => {
      const { clock, gate, waits } = setUp();
      const headers = {
        'x-ratelimit-route-remaining': '0',
        'x-ratelimit-route-limit': '5',
        'x-ratelimit-reset': String(clock.now() + 9000),
      };
      // After four seconds, while the second write waits for the reset.
      const refusedLate = async (): Promise<HttpResponse> => {
        await clock.sleep(4000);
        return respond(429, { 'retry-after': retryAfter });
      };
      await clock.run(
        Promise.all([
          gate.pass(read, refusedLate),
          gate.pass(write, () => Promise.resolve(respond(204, headers))),
          gate.pass(write, () => Promise.resolve(respond(204))),
        ]),
      );
      return waits;
    };
    // The pause ends half a second of jitter later, 999 ms or 1 s after the reset.
    expect(await announced('5.499')).toEqual(['rate limit resets in 7 s', undefined]);
    expect(await announced('5.5')).toEqual([
      'rate limit resets in 7 s',
      'rate limited by LaunchDarkly, continuing in 6 s',
      undefined,
    ]);
  });

  test('the gate announces no wait that ends at once', async () => {
    const { clock, gate, waits } = setUp();
    const headers = { 'x-ratelimit-route-remaining': '900', 'x-ratelimit-route-limit': '1000' };
    await clock.run(gate.pass(read, () => Promise.resolve(respond(200, headers))));
    await clock.run(gate.pass(read, () => Promise.resolve(respond(429))));
    await clock.run(gate.pass(read, () => Promise.resolve(respond(200, headers))));
    expect(waits).toEqual([]);
  });

  test('no request waits at the gate beyond the end of the run', async () => {
    const { clock, gate } = setUp();
    const start = clock.now();
    await clock.run(gate.pass(write, () => Promise.resolve(respond(429, { 'retry-after': '7200' }))));
    const waiting = gate.pass(write, () => Promise.resolve(respond(204)));
    await expect(clock.run(waiting)).rejects.toMatchObject({ code: 'run-timeout' });
    expect(clock.now() - start).toBe(3_600_000);
    await expect(gate.pass(read, () => Promise.resolve(respond(200)))).rejects.toMatchObject({
      code: 'run-timeout',
    });
  });

  test('an aborted gate rejects waiting requests and finishes those in flight', async () => {
    const { clock, gate, end } = setUp();
    let finished = false;
    const sent = gate.pass(write, async () => {
      await clock.sleep(1000);
      finished = true;
      return respond(204);
    });
    const waiting = gate.pass(write, () => Promise.resolve(respond(204)));
    end.abort(new OperatorError('interrupted', 'interrupted'));
    await expect(waiting).rejects.toMatchObject({ code: 'interrupted' });
    expect((await clock.run(sent)).status).toBe(204);
    expect(finished).toBe(true);
  });

  test('the gate continues after a request that failed', async () => {
    const { clock, gate } = setUp();
    await expect(gate.pass(write, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    expect((await clock.run(gate.pass(write, () => Promise.resolve(respond(204))))).status).toBe(204);
  });

  test('the gate makes 300 writes with a sliding limit of 100 in 30 s', async () => {
    const { clock, gate } = setUp();
    const model = slidingWindow(100);
    const start = clock.now();
    let refused = 0;
    const send = async (): Promise<HttpResponse> => {
      await clock.sleep(3);
      const { allowed, remaining, reset } = model.take(clock.now());
      if (!allowed) refused += 1;
      await clock.sleep(3);
      return respond(allowed ? 204 : 429, {
        'x-ratelimit-route-remaining': String(remaining),
        'x-ratelimit-route-limit': '100',
        'x-ratelimit-reset': String(reset),
        date: new Date(clock.now()).toUTCString(),
      });
    };
    await clock.run(Promise.all(Array.from({ length: 300 }, () => gate.pass(write, send))));
    expect(refused).toBe(0);
    expect(clock.now() - start).toBeLessThanOrEqual(30_000 / 0.95);
  });
});
