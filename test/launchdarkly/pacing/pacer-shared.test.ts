import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import {
  type Observation,
  SharedBudgetPolicy,
} from '../../../src/launchdarkly/pacing/shared-budget-policy.js';
import { type Exchange, simulateClients, type SimulationResult } from './simulate-clients.js';
import { fixedWindow, slidingWindow, windowFromFirst, type RateModel } from './rate-models.js';

const latencies = (seed: number) => {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return { random, latency: (): readonly [number, number] => [30 + random() * 70, 30 + random() * 70] };
};

const models: readonly (readonly [string, (limit: number) => RateModel])[] = [
  ['sliding', slidingWindow],
  ['fixed', (limit) => fixedWindow(limit, WINDOW, 3333)],
  ['first-request', windowFromFirst],
];

/** `used` as a share of the limit, `refused` as a share of the requests sent. */
function sharesOf(
  result: SimulationResult,
  limit: number,
): { readonly used: number; readonly refused: number } {
  return {
    used: (result.accepted.length / limit) * (WINDOW / result.elapsed),
    refused: result.refused.length / result.sent.length,
  };
}

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe.each(models)('several clients on one account with %s windows', (_, model) => {
  test.each([
    [2, 0],
    [8, 0],
    [8, 0.1],
  ])(
    '%i clients with a reserve of %d use 90 percent of the budget, and under 1 percent is refused',
    (clients, reserve) => {
      for (const seed of [11, 12, 13]) {
        const { random, latency } = latencies(seed);
        const pacer = { random, reserve };
        const result = simulateClients({ model: model(100), requests: 1600, clients, latency, pacer });
        const { used, refused } = sharesOf(result, 100 * (1 - reserve));
        expect(used).toBeGreaterThanOrEqual(0.9);
        expect(refused).toBeLessThan(0.01);
      }
    },
  );

  test('8 clients with 200 requests each use 90 percent of the budget until the last is done', () => {
    const requestsBy = Array.from({ length: 8 }, () => 200);
    const shares = [11, 12, 13, 14, 15, 16].map((seed) => {
      const { random, latency } = latencies(seed);
      const options = { requests: 1600, requestsBy, clients: 8, latency, pacer: { random } };
      return sharesOf(simulateClients({ model: model(100), ...options }), 100);
    });
    expect(mean(shares.map(({ used }) => used))).toBeGreaterThanOrEqual(0.9);
    expect(mean(shares.map(({ refused }) => refused))).toBeLessThan(0.01);
  });

  test('clients share a budget if the server reports only the global one', () => {
    const { random, latency } = latencies(4);
    const sentHeaders = { route: false };
    const options = { requests: 1600, clients: 8, latency, pacer: { random }, sentHeaders };
    const result = simulateClients({ model: model(1e9), global: model(100), ...options });
    expect(sharesOf(result, 100).used).toBeGreaterThanOrEqual(0.9);
    expect(sharesOf(result, 100).refused).toBeLessThan(0.01);
  });

  test('clients share a budget if the server does not report its limit', () => {
    const { random, latency } = latencies(8);
    const options = { requests: 1600, clients: 8, latency, pacer: { random }, sentHeaders: { limit: false } };
    const result = simulateClients({ model: model(100), ...options });
    expect(sharesOf(result, 100).used).toBeGreaterThanOrEqual(0.9);
    expect(sharesOf(result, 100).refused).toBeLessThan(0.01);
  });

  test('clients share two overlapping budgets if the clocks are minutes apart', () => {
    const { random, latency } = latencies(3);
    const options = { requests: 1600, clients: 8, latency, pacer: { random }, skew: -240_000 };
    const result = simulateClients({ model: model(100), global: model(110), ...options });
    expect(sharesOf(result, 100).used).toBeGreaterThanOrEqual(0.9);
    expect(sharesOf(result, 100).refused).toBeLessThan(0.01);
  });

  test('clients share a budget while they start one after another and stop when they are finished', () => {
    const requestsBy = [500, 100, 300, 50, 200, 150, 400, 300];
    const results = [21, 22, 23].map((seed) => {
      const { random, latency } = latencies(seed);
      const options = { requests: 2000, requestsBy, clients: 8, stagger: 4000, latency, pacer: { random } };
      const result = simulateClients({ model: model(100), ...options });
      expect(result.acceptedBy.map(({ length }) => length)).toEqual(requestsBy);
      return result;
    });
    const used = results.reduce((sum, result) => sum + sharesOf(result, 100).used, 0);
    expect(used / results.length).toBeGreaterThanOrEqual(0.88);
    const refused = results.flatMap((result) => result.refused).length;
    expect(refused / results.flatMap(({ sent }) => sent).length).toBeLessThan(0.01);
  });

  test('clients share even 5 requests per window: all are completed, and most of the budget is used', () => {
    const requestsBy = Array.from({ length: 8 }, () => 20);
    const shares = [6, 7, 8, 9].map((seed) => {
      const { random, latency } = latencies(seed);
      const options = { requests: 160, requestsBy, clients: 8, latency, pacer: { random } };
      const result = simulateClients({ model: model(5), ...options });
      expect(result.acceptedBy.map(({ length }) => length)).toEqual(requestsBy);
      return sharesOf(result, 5);
    });
    expect(mean(shares.map(({ used }) => used))).toBeGreaterThanOrEqual(0.8);
    expect(mean(shares.map(({ refused }) => refused))).toBeLessThan(0.36);
  });
});

test('8 clients with 100 requests each use 95 percent of sliding windows, near the server and far away', () => {
  for (const milliseconds of [2, 200]) {
    const shares = [21, 22, 23, 24, 25, 26, 27, 28].map((seed) => {
      const { random } = latencies(seed);
      const way = (): number => ((0.3 + random() * 0.7) * milliseconds) / 2;
      return sharesOf(
        simulateClients({
          model: slidingWindow(100),
          // One header shows the reset of both budgets.
          global: slidingWindow(1000),
          requests: 800,
          requestsBy: Array.from({ length: 8 }, () => 100),
          clients: 8,
          stagger: 15,
          latency: () => [way(), way()],
          pacer: { random, reserve: 0.1 },
        }),
        90,
      );
    });
    expect(mean(shares.map(({ used }) => used))).toBeGreaterThanOrEqual(0.95);
    expect(mean(shares.map(({ refused }) => refused))).toBeLessThan(0.01);
  }
});

describe.each(models)('short runs that start together with %s windows', (_, model) => {
  test.each([
    [8, 5, 1000],
    [8, 10, 2500],
    [2, 20, 4000],
  ])('%i clients with %i requests each are done in %i ms, and nothing is refused', (clients, each, most) => {
    for (const seed of [31, 62, 93]) {
      const { random, latency } = latencies(seed);
      const requestsBy = Array.from({ length: clients }, () => each);
      const options = { requests: clients * each, requestsBy, clients, latency, pacer: { random } };
      const { elapsed, refused } = simulateClients({ model: model(100), ...options });
      expect(elapsed).toBeLessThan(most);
      expect(refused).toEqual([]);
    }
  });
});

describe('any number of clients on one account', () => {
  const worlds = fc.record({
    model: fc.constantFrom(...models),
    limit: fc.integer({ min: 8, max: 60 }),
    clients: fc.integer({ min: 2, max: 6 }),
    stagger: fc.constantFrom(0, 500, 5000),
    skew: fc.constantFrom(0, -240_000, 240_000),
    seed: fc.integer({ min: 1, max: 1_000_000 }),
    reserve: fc.constantFrom(0, 0.1),
    sentHeaders: fc.record({ limit: fc.boolean() }),
  });

  const run = (world: typeof worlds extends fc.Arbitrary<infer T> ? T : never): SimulationResult => {
    const {
      model: [, model],
      limit,
      seed,
      reserve,
      ...rest
    } = world;
    const { random, latency } = latencies(seed);
    const pacer = { random, reserve };
    return simulateClients({ model: model(limit), requests: limit * 6, latency, pacer, ...rest });
  };

  test('any number of clients complete all requests, and leave no second window idle', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        const { accepted } = run(world);
        expect(accepted).toHaveLength(world.limit * 6);
        // The client whose request was the last one accepted frees its slot within one window. If it is refused before
        // that, it probes within a window of the refusal. Added to that: a clock that is known to a second, the jitter
        // of a pause, and a round trip.
        for (const [index, at] of accepted.slice(1).entries()) {
          expect(at - (accepted[index] ?? 0)).toBeLessThanOrEqual(2 * WINDOW + 2000 + 200);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('each client that is refused sends nothing for a second, and twice as long each time in a row', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const exchanges of run(world).exchangesBy) {
          for (const [refusal, pause] of pausesAfter(exchanges)) {
            const during = exchanges.filter(
              ({ sentAt }) => sentAt > refusal.answeredAt && sentAt < refusal.answeredAt + pause,
            );
            expect(during).toEqual([]);
          }
        }
      }),
      { numRuns: 100 },
    );
  });

  test('any number of clients are rarely refused and use most of the budget on average', () => {
    const sample = fc.sample(worlds, { numRuns: 200, seed: 1 });
    const shares = sample.map((world) => sharesOf(run(world), world.limit * (1 - world.reserve)));
    expect(mean(shares.map(({ refused }) => refused))).toBeLessThan(0.07);
    expect(mean(shares.map(({ used }) => used))).toBeGreaterThan(0.9);
  });
});

/** Each refusal, and how long nothing is sent after it, in milliseconds. */
function pausesAfter(exchanges: readonly Exchange[]): readonly (readonly [Exchange, number])[] {
  let inARow = 0;
  let refusedAt = Number.NEGATIVE_INFINITY;
  return exchanges.flatMap((exchange) => {
    if (!exchange.isRefusal) {
      inARow = 0;
      return [];
    }
    // Requests that were in flight together count once.
    if (exchange.sentAt >= refusedAt) inARow += 1;
    refusedAt = exchange.answeredAt;
    return [[exchange, Math.min(WINDOW, 1000 * 2 ** Math.max(0, inARow - 1))] as const];
  });
}

describe('a client that starts late', () => {
  test.each<readonly [string, () => RateModel]>([
    ['sliding', () => slidingWindow(100)],
    ['fixed', () => fixedWindow(100)],
  ])('a client that starts late has a fifth of a budget with %s windows within two minutes', (_, model) => {
    const shares = [3, 4, 5, 6, 7, 8].map((seed) => {
      const { random, latency } = latencies(seed);
      const options = { requests: 2400, clients: 2, stagger: 15_000, latency, pacer: { random } };
      const { accepted, acceptedBy } = simulateClients({ model: model(), ...options });
      const from = (accepted[0] ?? 0) + 140_000;
      const [first = 0, second = 0] = acceptedBy.map(
        (times) => times.filter((at) => at >= from && at < from + 4 * WINDOW).length,
      );
      return second / (first + second);
    });
    expect(mean(shares)).toBeGreaterThan(1 / 5);
  });
});

describe('overlapping budgets', () => {
  test.each<readonly [string, (limit: number) => RateModel]>([
    ['sliding', slidingWindow],
    ['fixed', fixedWindow],
  ])(
    'overlapping budgets with %s windows are all respected, and the tightest is used in full',
    (_, model) => {
      const { random, latency } = latencies(6);
      for (const sentHeaders of [{ limit: true }, { limit: false }]) {
        const { elapsed, refused } = simulateClients({
          model: model(80),
          secondRoute: model(60),
          global: model(100),
          requests: 600,
          latency,
          sentHeaders,
          pacer: { random },
        });
        expect(refused).toEqual([]);
        expect(elapsed).toBeLessThanOrEqual((6 * WINDOW) / 0.95);
      }
    },
  );

  test('the budgets of two routes do not delay each other', () => {
    const { random, latency } = latencies(8);
    const { elapsed, refused } = simulateClients({
      model: slidingWindow(40),
      secondRoute: slidingWindow(20),
      global: slidingWindow(1000),
      requests: 120,
      latency,
      pacer: { random },
    });
    expect(refused).toEqual([]);
    expect(elapsed).toBeLessThanOrEqual((3 * WINDOW) / 0.95);
  });
});

describe('a client next to clients that do not pace themselves', () => {
  test.each<readonly [string, () => RateModel]>([
    ['sliding', () => slidingWindow(100)],
    ['fixed', () => fixedWindow(100)],
  ])('a client leaves the reserve to unpaced clients with %s windows', (_, model) => {
    const { random, latency } = latencies(9);
    const otherRequests = Array.from({ length: 300 }, (__, index) => index * 333);
    const result = simulateClients({
      model: model(),
      requests: 500,
      latency,
      otherRequests,
      pacer: { random, reserve: 0.1 },
    });
    expect(result.othersRefused).toBe(0);
    expect(result.refused).toEqual([]);
    // 100 per window, minus 30 for the others and 10 of reserve, and a margin.
    expect(result.elapsed).toBeLessThanOrEqual(((500 / 60) * WINDOW) / 0.8);
  });

  test.each<readonly [string, () => RateModel]>([
    ['sliding', () => slidingWindow(1000)],
    ['fixed', () => fixedWindow(1000)],
  ])('a client next to others loses no time to responses without headers with %s windows', (_, model) => {
    const otherRequests = Array.from({ length: 300 }, (__, index) => index * 333);
    const run = (withoutHeaders: (index: number) => 'normal' | undefined): SimulationResult => {
      const { random, latency } = latencies(9);
      return simulateClients({
        model: model(),
        requests: 200,
        latency,
        otherRequests,
        withoutHeaders,
        pacer: { random },
      });
    };
    const usual = run(() => undefined);
    const result = run((index) => (index % 10 === 3 ? 'normal' : undefined));
    expect(result.refused).toEqual([]);
    expect(result.elapsed).toBeLessThan(usual.elapsed + 1000);
  });

  test('a client continues as soon as the others have stopped', () => {
    const { random, latency } = latencies(2);
    const otherRequests = Array.from({ length: 100 }, (_, index) => index * 5);
    const result = simulateClients({
      model: slidingWindow(100),
      requests: 100,
      latency,
      otherRequests,
      pacer: { random },
    });
    expect(result.elapsed).toBeLessThanOrEqual(3 * WINDOW);
  });

  test('a client never waits forever, however long others use up everything', () => {
    const { random, latency } = latencies(4);
    const otherRequests = Array.from({ length: 2000 }, (_, index) => index * 50);
    const result = simulateClients({
      model: fixedWindow(20),
      requests: 60,
      latency,
      otherRequests,
      pacer: { random },
    });
    expect(result.accepted).toHaveLength(60);
  });
});

describe('the policy for a shared budget', () => {
  const observations = fc
    .record({
      limit: fc.integer({ min: 1, max: 1000 }),
      used: fc.integer({ min: 1, max: 1000 }),
      ownUsed: fc.integer({ min: 1, max: 1000 }),
    })
    .filter(({ limit, used, ownUsed }) => used <= limit && ownUsed < used)
    .map((observation): Observation => ({ ...observation, now: 0, sentAt: -10 }));
  const dice = fc.double({ min: 0, max: 0.999, noNaN: true });

  test('a policy claims nothing if nothing is available, and waits for a response that is in flight', () => {
    fc.assert(
      fc.property(observations, dice, fc.constantFrom(undefined, WINDOW), (observation, random, reset) => {
        const policy = new SharedBudgetPolicy(WINDOW, () => random);
        policy.observe(observation);
        expect(policy.readyAt(1, { available: 0, reset, nextSlotAt: 0, inFlight: 1 })).toBe(
          Number.POSITIVE_INFINITY,
        );
      }),
    );
  });

  test('a policy without a slot probes again within six windows, however often it was refused', () => {
    fc.assert(
      fc.property(observations, dice, fc.nat(20), (observation, random, refusals) => {
        const policy = new SharedBudgetPolicy(WINDOW, () => random);
        for (let refusal = 0; refusal < refusals; refusal += 1) policy.recordResponse(0, 0, true);
        policy.observe(observation);
        expect(
          policy.readyAt(1, { available: 0, reset: undefined, nextSlotAt: 0, inFlight: 0 }),
        ).toBeLessThanOrEqual(6 * WINDOW);
      }),
    );
  });

  test.each([
    [0, [0.5, 0.5, 1, 2, 2]],
    [0.5, [0.75, 0.75, 1.5, 3, 3]],
  ])(
    'a policy without a slot probes after half a window to a window, and later after each refusal (%d)',
    (random, windows) => {
      const probes = [0, 1, 2, 3, 4].map((refusals) => {
        const policy = new SharedBudgetPolicy(WINDOW, () => random);
        for (let refusal = 0; refusal < refusals; refusal += 1) policy.recordResponse(0, 0, true);
        policy.observe({ now: 0, sentAt: -10, limit: 10, used: 10, ownUsed: 1 });
        const view = { available: 0, reset: undefined, nextSlotAt: 0, inFlight: 0 };
        return policy.readyAt(1, view) / WINDOW;
      });
      expect(probes).toEqual(windows);
    },
  );

  test('a policy reuses a slot that it frees at once, unless its share is too large', () => {
    fc.assert(
      fc.property(observations, (observation) => {
        const policy = new SharedBudgetPolicy(WINDOW, () => 0.99);
        policy.recordResponse(5 - WINDOW, 10 - WINDOW, false);
        policy.observe({
          ...observation,
          used: Math.min(observation.used, Math.ceil(observation.limit / 2)),
          ownUsed: 1,
        });
        const view = { available: 0, reset: undefined, nextSlotAt: 0, inFlight: 0 };
        expect(policy.readyAt(5, view)).toBeGreaterThanOrEqual(10);
        expect(policy.readyAt(10, view)).toBe(10);
        expect(policy.recordSent()).toBe(true);
        expect(policy.readyAt(10, view)).toBeGreaterThan(10);
      }),
    );
  });

  /** When a policy claims a slot that is reported as free; infinity if it does not. */
  const claimAt = (random: number, observation: Pick<Observation, 'limit' | 'used' | 'ownUsed'>): number => {
    const policy = new SharedBudgetPolicy(WINDOW, () => random);
    policy.observe({ now: 0, sentAt: -10, ...observation });
    const available = observation.limit - observation.used;
    return policy.readyAt(0, { available, reset: undefined, nextSlotAt: 0, inFlight: 1 });
  };

  test('a policy claims nothing of the last twentieth of the limit', () => {
    expect(claimAt(0, { limit: 100, used: 94, ownUsed: 40 })).toBe(0);
    expect(claimAt(0, { limit: 100, used: 95, ownUsed: 40 })).toBe(Number.POSITIVE_INFINITY);
  });

  test('a policy claims each free slot five times per window on average', () => {
    const median = (WINDOW * Math.log(2)) / 5;
    expect(claimAt(0.5, { limit: 100, used: 85, ownUsed: 40 })).toBeCloseTo(median / 10);
    expect(claimAt(0.5, { limit: 100, used: 75, ownUsed: 40 })).toBeCloseTo(median / 20);
  });

  test('a policy drops a claim that would come after a tenth of a window', () => {
    const oneFree = { limit: 100, used: 94, ownUsed: 40 };
    // With this random number, the claim comes after this share of the window.
    const random = (share: number): number => 1 - Math.exp(-5 * share);
    expect(claimAt(random(0.099), oneFree)).toBeCloseTo(0.099 * WINDOW);
    expect(claimAt(random(0.101), oneFree)).toBe(Number.POSITIVE_INFINITY);
  });

  test('a policy gives up three tenths of the slots that it frees, times its share of the use', () => {
    const reuses = (random: number): boolean => {
      const policy = new SharedBudgetPolicy(WINDOW, () => random);
      policy.recordResponse(5 - WINDOW, 10 - WINDOW, false);
      policy.observe({ now: 0, sentAt: -10, limit: 80, used: 40, ownUsed: 20 });
      return policy.readyAt(10, { available: 0, reset: undefined, nextSlotAt: 0, inFlight: 0 }) === 10;
    };
    expect([0.149, 0.151].map(reuses)).toEqual([false, true]);
  });

  test('a policy frees a slot a window after its response, or after its request if two more are available', () => {
    const policy = new SharedBudgetPolicy(WINDOW, () => 0.99);
    policy.recordResponse(5 - WINDOW, 10 - WINDOW, false);
    policy.observe({ now: 0, sentAt: -10, limit: 80, used: 79, ownUsed: 1 });
    const freedAt = (available: number): number =>
      policy.readyAt(0, { available, reset: undefined, nextSlotAt: 0, inFlight: 1 });
    expect([0, 1, 2, 3].map(freedAt)).toEqual([10, 10, 5, 5]);
  });

  test('a policy loses a freed slot that it has not used for a quarter of a second', () => {
    const readyAfter = (wait: number): boolean => {
      const policy = new SharedBudgetPolicy(WINDOW, () => 0.99);
      policy.recordResponse(5 - WINDOW, 10 - WINDOW, false);
      policy.observe({ now: 0, sentAt: -10, limit: 80, used: 70, ownUsed: 1 });
      return (
        policy.readyAt(10 + wait, { available: 0, reset: undefined, nextSlotAt: 0, inFlight: 0 }) ===
        10 + wait
      );
    };
    expect([0, 249, 251].map(readyAfter)).toEqual([true, true, false]);
  });

  test('a policy gives up a freed slot if use is far above the limit', () => {
    const policy = new SharedBudgetPolicy(WINDOW, () => 0.2);
    policy.recordResponse(5 - WINDOW, 10 - WINDOW, false);
    policy.observe({ now: 0, sentAt: -10, limit: 80, used: 100, ownUsed: 5 });
    expect(
      policy.readyAt(10, { available: 0, reset: undefined, nextSlotAt: 0, inFlight: 0 }),
    ).toBeGreaterThan(10);
  });
});
