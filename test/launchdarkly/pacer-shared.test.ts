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
    expect(played.refused.length / 1600).toBeLessThan(0.04);
  });

  test('are not refused at all where each keeps the default reserve', () => {
    const { random, latency } = latencies(5);
    const options = { requests: 1000, clients: 8, latency, pacer: { random, reserve: 0.1 } };
    expect(play({ model: slidingWindow(100), ...options }).refused.length).toBeLessThanOrEqual(5);
    expect(play({ model: fixedWindow(100), ...options }).refused.length).toBeLessThanOrEqual(5);
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
    expect(played.elapsed).toBeLessThanOrEqual(((500 / 60) * WINDOW) / 0.85);
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
      random: fc.double({ min: 0, max: 0.999, noNaN: true }),
    })
    .filter(({ limit, remaining }) => remaining <= limit);

  test('is everything where nobody else is, and else never more than is free', () => {
    fc.assert(
      fc.property(look, (seen) => {
        const share = shareOf(seen);
        const foreign = seen.limit - seen.remaining - seen.own;
        expect(share === undefined).toBe(foreign <= 0);
        expect(share ?? 0).toBeLessThanOrEqual(Math.max(0, seen.remaining - seen.kept) + 1);
      }),
    );
  });
});
