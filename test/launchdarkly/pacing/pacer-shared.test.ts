import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import {
  type Observation,
  SharedBudgetPolicy,
} from '../../../src/launchdarkly/pacing/shared-budget-policy.js';
import { simulateClients, type SimulationResult } from './simulate-clients.js';
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
  ['first-come', windowFromFirst],
];

/** Of what clients may use, and of the requests that they sent. */
function shares(
  played: SimulationResult,
  limit: number,
): { readonly used: number; readonly refused: number } {
  return {
    used: (played.accepted.length / limit) * (WINDOW / played.elapsed),
    refused: played.refused.length / played.sent.length,
  };
}

describe.each(models)('several clients on one account with %s windows', (_, model) => {
  test.each([
    [2, 0],
    [8, 0],
    [8, 0.1],
  ])(
    'use 90 percent of the budget, and under 1 percent is refused: %i of them, reserve %d',
    (clients, reserve) => {
      for (const seed of [11, 12, 13]) {
        const { random, latency } = latencies(seed);
        const pacer = { random, reserve };
        const played = simulateClients({ model: model(100), requests: 1600, clients, latency, pacer });
        const { used, refused } = shares(played, 100 * (1 - reserve));
        expect(used).toBeGreaterThanOrEqual(0.9);
        expect(refused).toBeLessThan(0.01);
      }
    },
  );

  test('do so where the server tells of the global budget alone', () => {
    const { random, latency } = latencies(4);
    const sentHeaders = { route: false };
    const options = { requests: 1600, clients: 8, latency, pacer: { random }, sentHeaders };
    const played = simulateClients({ model: model(1e9), global: model(100), ...options });
    expect(shares(played, 100).used).toBeGreaterThanOrEqual(0.9);
    expect(shares(played, 100).refused).toBeLessThan(0.01);
  });

  test('do so where the server does not tell its limit', () => {
    const { random, latency } = latencies(8);
    const options = { requests: 1600, clients: 8, latency, pacer: { random }, sentHeaders: { limit: false } };
    const played = simulateClients({ model: model(100), ...options });
    expect(shares(played, 100).used).toBeGreaterThanOrEqual(0.9);
    expect(shares(played, 100).refused).toBeLessThan(0.01);
  });

  test('do so where two budgets overlap, and the clocks are minutes apart', () => {
    const { random, latency } = latencies(3);
    const options = { requests: 1600, clients: 8, latency, pacer: { random }, skew: -240_000 };
    const played = simulateClients({ model: model(100), global: model(110), ...options });
    expect(shares(played, 100).used).toBeGreaterThanOrEqual(0.9);
    expect(shares(played, 100).refused).toBeLessThan(0.01);
  });

  test('do so while one after the other comes, and goes when its own work is done', () => {
    const requestsBy = [500, 100, 300, 50, 200, 150, 400, 300];
    const { random, latency } = latencies(21);
    const options = { requests: 2000, requestsBy, clients: 8, stagger: 4000, latency, pacer: { random } };
    const played = simulateClients({ model: model(100), ...options });
    expect(played.acceptedBy.map(({ length }) => length)).toEqual(requestsBy);
    expect(shares(played, 100).used).toBeGreaterThanOrEqual(0.88);
    expect(shares(played, 100).refused).toBeLessThan(0.01);
  });

  test('share even 5 requests a window: all get through, and most of the budget is used', () => {
    const { random, latency } = latencies(6);
    const requestsBy = Array.from({ length: 8 }, () => 20);
    const played = simulateClients({
      model: model(5),
      requests: 160,
      requestsBy,
      clients: 8,
      latency,
      pacer: { random },
    });
    expect(played.acceptedBy.map(({ length }) => length)).toEqual(requestsBy);
    expect(shares(played, 5).used).toBeGreaterThanOrEqual(0.75);
    expect(shares(played, 5).refused).toBeLessThan(0.35);
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

  test('get everything done, leave no window idle while there is work, and do not storm', () => {
    fc.assert(
      fc.property(worlds, ({ model: [, model], limit, seed, reserve, ...world }) => {
        const { random, latency } = latencies(seed);
        const requests = limit * 6;
        const played = simulateClients({
          model: model(limit),
          requests,
          latency,
          pacer: { random, reserve },
          ...world,
        });
        expect(played.accepted).toHaveLength(requests);
        const gaps = played.accepted.slice(1).map((at, index) => at - (played.accepted[index] ?? 0));
        expect(Math.max(...gaps)).toBeLessThanOrEqual(WINDOW + 2000);
        expect(played.refused.length / played.sent.length).toBeLessThan(0.4);
      }),
      { numRuns: 100 },
    );
  });
});

describe('a client that comes late', () => {
  test.each<readonly [string, () => RateModel]>([
    ['sliding', () => slidingWindow(100)],
    ['fixed', () => fixedWindow(100)],
  ])('has a third of a budget with %s windows within two minutes', (_, model) => {
    const { random, latency } = latencies(3);
    const { accepted, acceptedBy } = simulateClients({
      model: model(),
      requests: 2400,
      clients: 2,
      stagger: 15_000,
      latency,
      pacer: { random },
    });
    const from = (accepted[0] ?? 0) + 140_000;
    const [first = 0, second = 0] = acceptedBy.map(
      (times) => times.filter((at) => at >= from && at < from + 4 * WINDOW).length,
    );
    expect(second / (first + second)).toBeGreaterThan(1 / 3);
  });
});

describe('budgets that overlap', () => {
  test.each<readonly [string, (limit: number) => RateModel]>([
    ['sliding', slidingWindow],
    ['fixed', fixedWindow],
  ])('are all kept, and the tightest is used up, with %s windows', (_, model) => {
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
  });

  test('of two routes do not hold each other up', () => {
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

describe('a client next to others that do not pace themselves', () => {
  test.each<readonly [string, () => RateModel]>([
    ['sliding', () => slidingWindow(100)],
    ['fixed', () => fixedWindow(100)],
  ])('leaves them the reserve with %s windows', (_, model) => {
    const { random, latency } = latencies(9);
    const otherRequests = Array.from({ length: 300 }, (__, index) => index * 333);
    const played = simulateClients({
      model: model(),
      requests: 500,
      latency,
      otherRequests,
      pacer: { random, reserve: 0.1 },
    });
    expect(played.othersRefused).toBe(0);
    expect(played.refused).toEqual([]);
    // 100 a window, less 30 for the others and 10 of reserve, and a margin.
    expect(played.elapsed).toBeLessThanOrEqual(((500 / 60) * WINDOW) / 0.8);
  });

  test.each<readonly [string, () => RateModel]>([
    ['sliding', () => slidingWindow(1000)],
    ['fixed', () => fixedWindow(1000)],
  ])('loses no time to answers without headers with %s windows', (_, model) => {
    const otherRequests = Array.from({ length: 300 }, (__, index) => index * 333);
    const run = (withoutHeaders: (index: number) => 'answer' | undefined): SimulationResult => {
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
    const played = run((index) => (index % 10 === 3 ? 'answer' : undefined));
    expect(played.refused).toEqual([]);
    expect(played.elapsed).toBeLessThan(usual.elapsed + 1000);
  });

  test('goes on as soon as others are gone', () => {
    const { random, latency } = latencies(2);
    const otherRequests = Array.from({ length: 100 }, (_, index) => index * 5);
    const played = simulateClients({
      model: slidingWindow(100),
      requests: 100,
      latency,
      otherRequests,
      pacer: { random },
    });
    expect(played.elapsed).toBeLessThanOrEqual(3 * WINDOW);
  });

  test('never waits for ever, however long others use up everything', () => {
    const { random, latency } = latencies(4);
    const otherRequests = Array.from({ length: 2000 }, (_, index) => index * 50);
    const played = simulateClients({
      model: fixedWindow(20),
      requests: 60,
      latency,
      otherRequests,
      pacer: { random },
    });
    expect(played.accepted).toHaveLength(60);
  });
});

describe('a share', () => {
  const looks = fc
    .record({
      limit: fc.integer({ min: 1, max: 1000 }),
      used: fc.integer({ min: 1, max: 1000 }),
      ownUsed: fc.integer({ min: 1, max: 1000 }),
      elapsed: fc.constantFrom(0, 0.5, 1),
      latency: fc.constantFrom(1, 100, 1000),
    })
    .filter(({ limit, used, ownUsed }) => used <= limit && ownUsed < used)
    .map((look): Observation => ({ ...look, reserved: 0, now: 0 }));
  const dice = fc.double({ min: 0, max: 0.999, noNaN: true });

  test('claims nothing where nothing is left, and waits for an answer that is on its way', () => {
    fc.assert(
      fc.property(looks, dice, fc.boolean(), (look, random, isSliding) => {
        const share = new SharedBudgetPolicy(WINDOW, () => random);
        share.observe(look);
        expect(share.readyAt(1, { available: 0, isSliding, inFlight: 1 })).toBe(Number.POSITIVE_INFINITY);
      }),
    );
  });

  test('never waits for ever: without any place it looks again within six windows, however often it was refused', () => {
    fc.assert(
      fc.property(looks, dice, fc.nat(20), (look, random, refusals) => {
        const share = new SharedBudgetPolicy(WINDOW, () => random);
        for (let refusal = 0; refusal < refusals; refusal += 1) share.recordResponse(0, 0, true);
        share.observe(look);
        expect(share.readyAt(1, { available: 0, isSliding: true, inFlight: 0 })).toBeLessThanOrEqual(
          6 * WINDOW,
        );
      }),
    );
  });

  test('takes a place that it leaves again at once, unless it is among those who have too much', () => {
    fc.assert(
      fc.property(looks, (look) => {
        const share = new SharedBudgetPolicy(WINDOW, () => 0.99);
        share.recordResponse(5 - WINDOW, 10 - WINDOW, false);
        share.observe({
          ...look,
          used: Math.min(look.used, Math.ceil(look.limit / 2)),
          ownUsed: 1,
          elapsed: 1,
        });
        const standing = { available: 0, isSliding: true, inFlight: 0 };
        expect(share.readyAt(5, standing)).toBeGreaterThanOrEqual(10);
        expect(share.readyAt(10, standing)).toBe(10);
        expect(share.recordSent()).toBe(true);
        expect(share.readyAt(10, standing)).toBeGreaterThan(10);
      }),
    );
  });

  test('gives up what it leaves where far too much is taken', () => {
    const share = new SharedBudgetPolicy(WINDOW, () => 0.9);
    share.recordResponse(5 - WINDOW, 10 - WINDOW, false);
    share.observe({ now: 0, limit: 80, reserved: 0, used: 100, ownUsed: 5, elapsed: 1, latency: 10 });
    expect(share.readyAt(10, { available: 0, isSliding: true, inFlight: 0 })).toBeGreaterThan(10);
  });
});
