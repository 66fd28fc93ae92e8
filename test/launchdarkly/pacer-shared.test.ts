import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../src/launchdarkly/pacer.js';
import { shareOf } from '../../src/launchdarkly/share.js';
import { play } from './play.js';
import { fixedWindow, slidingWindow, type RateModel } from './rate-models.js';

const latencies = (seed: number) => {
  let state = seed;
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return state / 2 ** 31;
  };
  return { random, latency: (): readonly [number, number] => [30 + random() * 70, 30 + random() * 70] };
};

describe('several clients on one account', () => {
  test.each<readonly [string, number, () => RateModel]>([
    ['sliding', 2, () => slidingWindow(100)],
    ['sliding', 8, () => slidingWindow(100)],
    ['fixed', 2, () => fixedWindow(100)],
    ['fixed', 8, () => fixedWindow(100)],
  ])('use 90 percent of a budget with %s windows and are rarely refused, %i of them', (_, clients, model) => {
    const { random, latency } = latencies(11);
    const played = play({ model: model(), requests: 1600, clients, latency, pacer: { random } });
    expect(played.elapsed).toBeLessThanOrEqual((16 * WINDOW) / 0.9);
    expect(played.refused.length / 1600).toBeLessThan(0.06);
  });

  test('are not refused at all where each keeps the default reserve', () => {
    const { random, latency } = latencies(5);
    const options = { requests: 1000, clients: 8, latency, pacer: { random, reserve: 0.1 } };
    expect(play({ model: slidingWindow(100), ...options }).refused.length).toBeLessThanOrEqual(5);
    expect(play({ model: fixedWindow(100), ...options }).refused.length).toBeLessThanOrEqual(5);
  });
});

describe('a client that comes late', () => {
  test.each<readonly [string, () => RateModel]>([
    ['sliding', () => slidingWindow(100)],
    ['fixed', () => fixedWindow(100)],
  ])('has a third of a budget with %s windows within two minutes', (_, model) => {
    const { random, latency } = latencies(3);
    const { passed, passedBy } = play({
      model: model(),
      requests: 2400,
      clients: 2,
      stagger: 15_000,
      latency,
      pacer: { random },
    });
    const from = (passed[0] ?? 0) + 140_000;
    const [first = 0, second = 0] = passedBy.map(
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
    for (const says of [{ limit: true }, { limit: false }]) {
      const { elapsed, refused } = play({
        model: model(80),
        secondRoute: model(60),
        global: model(100),
        requests: 600,
        latency,
        says,
        pacer: { random },
      });
      expect(refused).toEqual([]);
      expect(elapsed).toBeLessThanOrEqual((6 * WINDOW) / 0.95);
    }
  });

  test('of two routes do not hold each other up', () => {
    const { random, latency } = latencies(8);
    const { elapsed, refused } = play({
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
    const others = Array.from({ length: 300 }, (__, index) => index * 333);
    const played = play({
      model: model(),
      requests: 500,
      latency,
      others,
      pacer: { random, reserve: 0.1 },
    });
    expect(played.othersRefused).toBe(0);
    expect(played.refused).toEqual([]);
    // 100 a window, less 30 for the others and 10 of reserve, and a margin.
    expect(played.elapsed).toBeLessThanOrEqual(((500 / 60) * WINDOW) / 0.8);
  });

  test('goes on as soon as others are gone', () => {
    const { random, latency } = latencies(2);
    const others = Array.from({ length: 100 }, (_, index) => index * 5);
    const played = play({ model: slidingWindow(100), requests: 100, latency, others, pacer: { random } });
    expect(played.elapsed).toBeLessThanOrEqual(3 * WINDOW);
  });

  test('never waits for ever, however long others use up everything', () => {
    const { random, latency } = latencies(4);
    const others = Array.from({ length: 2000 }, (_, index) => index * 50);
    const played = play({ model: fixedWindow(20), requests: 60, latency, others, pacer: { random } });
    expect(played.passed).toHaveLength(60);
  });
});

describe('a share', () => {
  const look = fc
    .record({
      limit: fc.integer({ min: 1, max: 1000 }),
      remaining: fc.nat(1000),
      kept: fc.nat(100),
      own: fc.integer({ min: 1, max: 1000 }),
      ahead: fc.double({ min: 0, max: 1, noNaN: true }),
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    })
    .filter(({ limit, remaining }) => remaining <= limit);

  test('is everything where nobody else is, and else never more than is free', () => {
    fc.assert(
      fc.property(look, (seen) => {
        const share = shareOf(seen);
        const foreign = seen.limit - seen.remaining - seen.own;
        expect(share === undefined).toBe(foreign <= 0);
        expect(share?.claim ?? 0).toBeLessThanOrEqual(Math.max(0, seen.remaining - seen.kept) + 1);
      }),
    );
  });
});
