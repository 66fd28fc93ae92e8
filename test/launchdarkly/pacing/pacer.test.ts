import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import { simulateClients, type ClientSimulation } from './simulate-clients.js';
import { fixedWindow, slidingWindow, windowFromFirst, type RateModel } from './rate-models.js';

/** Pseudo-random and repeatable: a counterexample can be played again. */
function dice(seed: number): () => number {
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

/** The most requests that any window of ten seconds has seen. */
function busiest(times: readonly number[]): number {
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
  const random = dice(world.seed);
  return {
    model: world.model[1](world.limit, world.phase),
    latency: latencyOf(random, world.latency),
    skew: world.skew,
    concurrency: world.concurrency,
    sentHeaders: world.sentHeaders,
    pacer: { random },
  };
}

describe('the pacer, alone on its budget', () => {
  test('is never refused, whatever the window, the latency and the clocks', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { refused, accepted } = simulateClients({ ...setUp(world), requests: world.limit * 3 + 2 });
        expect(refused).toEqual([]);
        expect(accepted).toHaveLength(world.limit * 3 + 2);
      }),
      { numRuns: 150 },
    );
  });

  test('never sends more in any ten seconds than the limit', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { accepted } = simulateClients({ ...setUp(world), requests: world.limit * 3 + 2 });
        expect(busiest(accepted.toSorted((a, b) => a - b))).toBeLessThanOrEqual(world.limit);
      }),
      { numRuns: 100 },
    );
  });

  test('is not refused either where others have left it little, whatever is under way', () => {
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

  test('lets no window pass idle while there is work', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { sent } = simulateClients({ ...setUp(world), requests: world.limit * 3 + 2 });
        // One look at the reset, by clocks that are known to a second, and the answer on its way.
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
    ['from the first request on', windowFromFirst(100)],
  ])('uses at least 95 percent of a budget whose window is %s', (_, model) => {
    const random = dice(7);
    const { elapsed, refused } = simulateClients({
      model,
      requests: 1000,
      latency: latencyOf(random, 100),
      pacer: { random },
    });
    expect(refused).toEqual([]);
    expect(elapsed).toBeLessThanOrEqual(100_000 / 0.95);
  });

  test.each([5, 20])('uses at least 95 percent of a budget of %i', (limit) => {
    const { elapsed } = simulateClients({ model: slidingWindow(limit), requests: limit * 20 });
    expect(elapsed).toBeLessThanOrEqual((20 * WINDOW) / 0.95);
  });

  test('spreads what is left instead of bursting', () => {
    const { sent } = simulateClients({
      model: slidingWindow(100),
      requests: 60,
      sentHeaders: { limit: false },
    });
    const gaps = sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
    expect(Math.min(...gaps.slice(3))).toBeGreaterThan(90);
    expect(Math.max(...gaps)).toBeLessThan(120);
  });

  test('keeps the reserve of every window', () => {
    const { accepted, elapsed } = simulateClients({
      model: slidingWindow(50),
      requests: 200,
      pacer: { reserve: 0.1 },
    });
    expect(busiest(accepted)).toBeLessThanOrEqual(45);
    expect(elapsed).toBeLessThanOrEqual(((200 / 45) * WINDOW) / 0.9);
  });

  test('rounds the reserve down, so that a tiny budget is not idle', () => {
    const { elapsed } = simulateClients({ model: fixedWindow(5), requests: 50, pacer: { reserve: 0.1 } });
    expect(elapsed).toBeLessThanOrEqual(100_000 / 0.95);
  });

  test('is not slowed down where there is no need', () => {
    const { elapsed } = simulateClients({
      model: slidingWindow(1e9),
      requests: 2000,
      latency: () => [0.5, 0.5],
    });
    expect(elapsed).toBeLessThan((2000 / 4) * 1.1);
  });

  test('holds the ceiling for writes, whatever the budget', () => {
    const { sent } = simulateClients({
      model: slidingWindow(1e6),
      requests: 50,
      pacer: { writesPerSecond: 4 },
    });
    const gaps = sent.slice(1).map((at, index) => at - (sent[index] ?? 0));
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(250);
  });
});

describe('the pacer, where the reset is not what it should be', () => {
  const lies = fc.constantFrom<readonly [string, ((now: number) => number) | undefined]>(
    ['an hour ago', (now) => now - 3_600_000],
    ['in an hour', (now) => now + 3_600_000],
    ['in seconds', (now) => (now + 5000) / 1000],
    ['now', (now) => now],
    ['absent', undefined],
  );

  test('goes by its own count: it is not refused and uses 90 percent', () => {
    fc.assert(
      fc.property(worlds, lies, fc.boolean(), (world, [, reset], date) => {
        const set = setUp({
          ...world,
          limit: Math.max(world.limit, 5),
          latency: 20,
        });
        const { model } = set;
        const lying: RateModel = {
          limit: model.limit,
          take: (now) => ({ ...model.take(now), ...(reset && { reset: reset(now) }) }),
        };
        const sentHeaders = { ...world.sentHeaders, date, reset: reset !== undefined };
        const { refused, elapsed } = simulateClients({
          ...set,
          model: lying,
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

describe('the pacer, when a 429 does not say why', () => {
  test('goes on after a moment if it is a single one and plenty is left', () => {
    fc.assert(
      fc.property(worlds, fc.integer({ min: 1, max: 25 }), (world, at) => {
        const roomy = { ...world, limit: world.limit + 100, latency: Math.min(world.latency, 300) };
        const requests = 30;
        const usual = simulateClients({ ...setUp(roomy), requests });
        const played = simulateClients({
          ...setUp(roomy),
          requests,
          withoutHeaders: (index) => (index === at ? '429' : undefined),
        });
        expect(played.refused).toHaveLength(1);
        expect(played.elapsed - usual.elapsed).toBeLessThan(2500 + 4 * roomy.latency);
      }),
      { numRuns: 100 },
    );
  });

  test('pauses for a whole window if nothing else is known, and then takes up its pace', () => {
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

  test('makes no storm of it if they repeat, whatever other answers say', () => {
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
        // At most what is under way with each refusal, and at most one refusal in a window after the first two.
        expect(during).toBeLessThanOrEqual(world.concurrency * 2 + until / WINDOW + 2);
      }),
      { numRuns: 50 },
    );
  });

  test('finds the pace that a limit of which no header tells allows', () => {
    for (const model of [slidingWindow, (limit: number) => fixedWindow(limit, WINDOW, 3333)]) {
      const random = dice(7);
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

describe('the pacer, when one answer has no rate headers', () => {
  test('is not refused and loses little time', () => {
    fc.assert(
      fc.property(worlds, fc.nat(60), (world, at) => {
        const told = {
          ...world,
          limit: world.limit + 1,
          latency: Math.min(world.latency, 300),
          sentHeaders: { limit: true, date: true },
        };
        const requests = told.limit * 2 + 2;
        const usual = simulateClients({ ...setUp(told), requests });
        const played = simulateClients({
          ...setUp(told),
          requests,
          withoutHeaders: (index) => (index === at ? 'answer' : undefined),
        });
        expect(played.refused).toEqual([]);
        expect(played.elapsed - usual.elapsed).toBeLessThan(2000 + 4 * told.latency);
      }),
      { numRuns: 150 },
    );
  });
});

describe('the pacer, without headers', () => {
  test('halves its pace at a 429 and still gets everything through', () => {
    const random = dice(3);
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

  test('goes at full speed until something is refused', () => {
    const { elapsed } = simulateClients({
      model: slidingWindow(1e9),
      requests: 2000,
      sentHeaders: { limit: false, remaining: false, reset: false, date: false },
      latency: () => [0.5, 0.5],
    });
    expect(elapsed).toBeLessThan((2000 / 4) * 1.1);
  });
});
