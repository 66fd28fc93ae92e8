import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Pacer, WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';
import { simulateClients, type ClientSimulation } from './simulate-clients.js';
import { fixedWindow, slidingWindow, windowFromFirst, type RateModel } from './rate-models.js';

/** A pseudo-random generator with a seed, so that a counterexample can be repeated. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

function latencyOf(random: () => number, most: number): () => readonly [number, number] {
  return () => [1 + random() * most, 1 + random() * most];
}

/** The most requests in any window of ten seconds. */
function mostPerWindow(times: readonly number[]): number {
  let most = 0;
  for (let from = 0, to = 0; to < times.length; to += 1) {
    while ((times[from] ?? 0) + WINDOW <= (times[to] ?? 0)) from += 1;
    most = Math.max(most, to - from + 1);
  }
  return most;
}

const models = fc.constantFrom<readonly [string, (limit: number, phase: number) => RateModel]>(
  ['sliding', (limit) => slidingWindow(limit)],
  ['fixed', (limit, phase) => fixedWindow(limit, WINDOW, phase)],
  ['from the first', (limit) => windowFromFirst(limit)],
);

const worlds = fc.record({
  model: models,
  limit: fc.integer({ min: 1, max: 60 }),
  phase: fc.nat(WINDOW - 1),
  seed: fc.integer({ min: 1 }),
  latency: fc.constantFrom<number>(0, 20, 300, 1500),
  skew: fc.constantFrom(0, -240_000, 240_000, 999),
  concurrency: fc.constantFrom(1, 4, 16),
  sentHeaders: fc.record({ limit: fc.boolean(), date: fc.constant<boolean>(true) }),
});

function setUp(
  world: typeof worlds extends fc.Arbitrary<infer T> ? T : never,
): Omit<ClientSimulation, 'requests'> {
  const random = seededRandom(world.seed);
  return {
    model: world.model[1](world.limit, world.phase),
    latency: latencyOf(random, world.latency),
    skew: world.skew,
    concurrency: world.concurrency,
    sentHeaders: world.sentHeaders,
    pacer: { random },
  };
}

describe('a pacer without other clients', () => {
  test('a pacer without other clients is never refused, whatever the window, latency and clocks', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { refused, accepted } = simulateClients({ ...setUp(world), requests: world.limit * 3 + 2 });
        expect(refused).toEqual([]);
        expect(accepted).toHaveLength(world.limit * 3 + 2);
      }),
      { numRuns: 150 },
    );
  });

  test('a pacer never sends more than the limit in any ten seconds of a sliding window', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const sliding = { ...world, model: ['sliding', (limit: number) => slidingWindow(limit)] as const };
        const { accepted } = simulateClients({ ...setUp(sliding), requests: world.limit * 3 + 2 });
        expect(mostPerWindow(accepted.toSorted((a, b) => a - b))).toBeLessThanOrEqual(world.limit);
      }),
      { numRuns: 100 },
    );
  });

  test('a pacer is not refused if earlier clients left it only a few requests', () => {
    fc.assert(
      fc.property(worlds, fc.nat(60), (world, others) => {
        const taken = Math.min(others, world.limit - 1);
        const earlier = Array.from({ length: taken }, (_, index) => index - taken);
        const { refused } = simulateClients({
          ...setUp(world),
          requests: world.limit + 2,
          otherRequests: earlier,
        });
        expect(refused).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  test('a pacer leaves no window idle while requests wait', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { sent } = simulateClients({ ...setUp(world), requests: world.limit * 3 + 2 });
        // One probe at the reset, by clocks that are known to a second, and the round trip of its response.
        const slack = 1000 + 4 * world.latency;
        for (let index = 1; index < sent.length; index += 1) {
          expect((sent[index] ?? 0) - (sent[index - 1] ?? 0)).toBeLessThanOrEqual(WINDOW + slack);
        }
      }),
      { numRuns: 100 },
    );
  });

  test.each([
    ['sliding', slidingWindow(100)],
    ['fixed', fixedWindow(100, WINDOW, 3000)],
    ['opened by the first request', windowFromFirst(100)],
  ])('a pacer uses at least 95 percent of a budget whose window is %s', (_, model) => {
    const random = seededRandom(7);
    const { elapsed, refused } = simulateClients({
      model,
      requests: 1000,
      latency: latencyOf(random, 100),
      pacer: { random },
    });
    expect(refused).toEqual([]);
    expect(elapsed).toBeLessThanOrEqual(100_000 / 0.95);
  });

  test.each([5, 20])('a pacer uses at least 95 percent of a budget of %i requests', (limit) => {
    const { elapsed } = simulateClients({ model: slidingWindow(limit), requests: limit * 20 });
    expect(elapsed).toBeLessThanOrEqual((20 * WINDOW) / 0.95);
  });

  test('a pacer leaves the reserve of every window unused', () => {
    const { accepted, elapsed } = simulateClients({
      model: slidingWindow(50),
      requests: 200,
      pacer: { reserve: 0.1 },
    });
    expect(mostPerWindow(accepted)).toBeLessThanOrEqual(45);
    expect(elapsed).toBeLessThanOrEqual(((200 / 45) * WINDOW) / 0.9);
  });

  test('a pacer rounds the reserve down, so that a tiny budget is still used in full', () => {
    const { elapsed } = simulateClients({ model: fixedWindow(5), requests: 50, pacer: { reserve: 0.1 } });
    expect(elapsed).toBeLessThanOrEqual(100_000 / 0.95);
  });

  test('a pacer does not slow down if the limit is out of reach', () => {
    const { elapsed } = simulateClients({
      model: slidingWindow(1e9),
      requests: 2000,
      latency: () => [0.5, 0.5],
    });
    expect(elapsed).toBeLessThan((2000 / 4) * 1.1);
  });

  test('a pacer respects writesPerSecond, whatever the budget', () => {
    const { sent } = simulateClients({
      model: slidingWindow(1e6),
      requests: 50,
      pacer: { writesPerSecond: 4 },
    });
    const gaps = sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
  });
});

describe('a pacer that gets a wrong reset', () => {
  const wrongResets = fc.constantFrom<readonly [string, ((now: number) => number) | undefined]>(
    ['an hour ago', (now) => now - 3_600_000],
    ['in an hour', (now) => now + 3_600_000],
    ['in seconds', (now) => (now + 5000) / 1000],
    ['now', (now) => now],
    ['absent', undefined],
  );

  test('a pacer that gets a wrong reset relies on its own count: it is not refused and uses 90 percent', () => {
    fc.assert(
      fc.property(worlds, wrongResets, fc.boolean(), (world, [, reset], date) => {
        const set = setUp({
          ...world,
          limit: Math.max(world.limit, 5),
          latency: 20,
        });
        const { model } = set;
        const misreporting: RateModel = {
          limit: model.limit,
          take: (now) => ({ ...model.take(now), ...(reset && { reset: reset(now) }) }),
        };
        const sentHeaders = { ...world.sentHeaders, date, reset: reset !== undefined };
        const { refused, elapsed } = simulateClients({
          ...set,
          model: misreporting,
          sentHeaders,
          requests: model.limit * 6,
        });
        expect(refused).toEqual([]);
        expect(elapsed).toBeLessThanOrEqual((6 * WINDOW) / 0.9);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a pacer that gets a 429', () => {
  test('a 429 pauses for a second, and twice as long each time in a row, up to a window', () => {
    const pacer = new Pacer({ reserve: 0, writesPerSecond: null, random: () => 0 });
    let now = 1_700_000_000_000;
    const pauses = Array.from({ length: 6 }, () => {
      const reservation = pacer.recordSent({ route: 'user setting', isWrite: true }, now);
      const headers = new Map([
        ['x-ratelimit-route-remaining', '0'],
        ['x-ratelimit-reset', String(now - 60_000)],
      ]);
      pacer.recordResponse(reservation, now, { status: 429, headers: readRateHeaders(headers, now) });
      // A request of another route waits for nothing but the pause.
      const { at } = pacer.readiness({ route: 'flag', isWrite: false }, now);
      const pause = at - now;
      now = at;
      return pause;
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000, WINDOW, WINDOW]);
  });
});

describe('a pacer that gets an unexplained 429', () => {
  test('a single unexplained 429 causes only a short pause if plenty is left', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 25 }), (world, at) => {
        const plenty = { ...world, limit: world.limit + 100, latency: Math.min(world.latency, 300) };
        const requests = 30;
        const usual = simulateClients({ ...setUp(plenty), requests });
        const result = simulateClients({
          ...setUp(plenty),
          requests,
          withoutHeaders: (index) => (index === at ? '429' : undefined),
        });
        expect(result.refused).toHaveLength(1);
        expect(result.elapsed - usual.elapsed).toBeLessThan(2500 + 4 * plenty.latency);
      }),
      { numRuns: 100 },
    );
  });

  test('an unexplained 429 as the first response pauses for a whole window, then the pacer continues at its pace', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { sent, elapsed } = simulateClients({
          ...setUp({ ...world, limit: 100, latency: 20 }),
          requests: 50,
          withoutHeaders: (index) => (index === 0 ? '429' : undefined),
        });
        expect((sent[1] ?? 0) - (sent[0] ?? 0)).toBeGreaterThanOrEqual(WINDOW);
        expect(elapsed).toBeLessThan(2.2 * WINDOW);
      }),
      { numRuns: 50 },
    );
  });

  test('repeated unexplained 429s do not cause a storm of requests, whatever other responses say', () => {
    fc.assert(
      fc.property(worlds, fc.nat(20), (world, from) => {
        const until = 12 * WINDOW;
        const { sent } = simulateClients({
          ...setUp({ ...world, limit: 1000, latency: 20 }),
          requests: 40,
          withoutHeaders: (index) => (index >= from && index < from + 60 ? '429' : undefined),
        });
        const first = sent[from] ?? 0;
        const during = sent.filter((at) => at >= first && at < first + until).length;
        // At most the requests in flight with each refusal, and at most one refusal per window after the first two.
        expect(during).toBeLessThanOrEqual(world.concurrency * 2 + until / WINDOW + 2);
      }),
      { numRuns: 50 },
    );
  });

  test('a pacer finds the pace that an unreported limit allows', () => {
    for (const model of [slidingWindow, (limit: number) => fixedWindow(limit, WINDOW, 3333)]) {
      const random = seededRandom(7);
      const { elapsed, refused, sent } = simulateClients({
        model: model(100),
        global: model(50),
        hideGlobal: true,
        refusalsWithoutHeaders: true,
        requests: 1000,
        latency: latencyOf(random, 100),
        pacer: { random },
      });
      expect(refused.length / sent.length).toBeLessThan(0.03);
      expect(elapsed).toBeLessThan((1000 / 50) * WINDOW * 1.6);
    }
  });
});

describe('a pacer that gets one response without rate headers', () => {
  test('one response without rate headers causes no refusal and costs little time', () => {
    fc.assert(
      fc.property(worlds, fc.nat(60), (world, at) => {
        const reported = {
          ...world,
          limit: world.limit + 1,
          latency: Math.min(world.latency, 300),
          sentHeaders: { limit: true, date: true },
        };
        const requests = reported.limit * 2 + 2;
        const usual = simulateClients({ ...setUp(reported), requests });
        const result = simulateClients({
          ...setUp(reported),
          requests,
          withoutHeaders: (index) => (index === at ? 'normal' : undefined),
        });
        expect(result.refused).toEqual([]);
        // Two windows pass in any case, unless fixed ones happen to end early.
        const least = Math.max(usual.elapsed, 2 * WINDOW);
        expect(result.elapsed - least).toBeLessThan(2000 + 4 * reported.latency);
      }),
      {
        numRuns: 150,
        examples: [
          // The slot that is free at a reset is used once, even if the response does not show that.
          [
            {
              model: ['sliding', (limit) => slidingWindow(limit)],
              limit: 5,
              phase: 0,
              seed: 1_614_126_820,
              latency: 300,
              skew: 0,
              concurrency: 1,
              sentHeaders: { limit: false, date: true },
            },
            12,
          ],
        ],
      },
    );
  });
});

describe('a pacer without any rate headers', () => {
  test('without rate headers, a pacer halves its pace after a 429 and still completes all requests', () => {
    const random = seededRandom(3);
    const { accepted, refused } = simulateClients({
      model: slidingWindow(100),
      requests: 1000,
      sentHeaders: { limit: false, remaining: false, reset: false },
      latency: latencyOf(random, 60),
      pacer: { random },
    });
    expect(accepted).toHaveLength(1000);
    expect(refused.length).toBeLessThan(30);
  });

  test('without rate headers, a pacer sends at full speed until a request is refused', () => {
    const { elapsed } = simulateClients({
      model: slidingWindow(1e9),
      requests: 2000,
      sentHeaders: { limit: false, remaining: false, reset: false, date: false },
      latency: () => [0.5, 0.5],
    });
    expect(elapsed).toBeLessThan((2000 / 4) * 1.1);
  });
});
