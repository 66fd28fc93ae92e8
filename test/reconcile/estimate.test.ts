import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { betterInBatch, estimateWrites, steadyEstimate } from '../../src/reconcile/estimate.js';
import { type Pace, type Paces, pacesOf } from '../../src/reconcile/pace.js';
import { estimateWords } from '../../src/report/words.js';
import { planned } from './world.js';
import { expiryChange } from '../support/dates.js';
import { CAUTIOUS_PACES } from '../support/paces.js';

const PUT = { mode: 'put', values: 500 } as const;

/** `count` changes of one flag by one commit; every tenth is for another kind than `user`. */
function changes(count: number): ReturnType<typeof planned>['changes'] {
  const [change] = planned({ desired: { 'f user alice': true } }).changes;
  if (change === undefined) throw new Error('no change');
  return Array.from({ length: count }, (_, index) => ({
    ...change,
    kind: index % 10 === 9 ? 'device' : 'user',
    key: `${index}`,
    after: { variation: 1, value: true, id: 'v1' },
  }));
}

const NO_RATE = { writesPerSecond: null, reserve: 0 };

describe('paces', () => {
  test('the expected pace of writes is 5 in 10 seconds if LaunchDarkly has reported no limit, whatever the reserve', () => {
    const cautious = { writes: 5, seconds: 10, basis: 'assumed' };
    const paces = pacesOf({ seen: {}, api: 'users', rate: { writesPerSecond: null, reserve: 0.5 } });
    expect(paces).toEqual({ users: cautious, contexts: cautious, patches: cautious, dates: cautious });
    expect(CAUTIOUS_PACES).toEqual(paces);
  });

  test('the expected pace of writes is the limit that was seen for each kind of write, less the reserve', () => {
    const seen = { users: 25, patches: 3, dates: 20, all: 104 };
    expect(pacesOf({ seen, api: 'users', rate: { writesPerSecond: null, reserve: 0.1 } })).toEqual({
      users: { writes: 23, seconds: 10, basis: 'seen' },
      contexts: { writes: 5, seconds: 10, basis: 'assumed' },
      patches: { writes: 3, seconds: 10, basis: 'seen' },
      dates: { writes: 18, seconds: 10, basis: 'seen' },
      all: { writes: 94, seconds: 10, basis: 'seen' },
    });
  });

  test('the expected pace of writes is never over the configured ceiling, and never under one', () => {
    const all = (seen: number | undefined, writesPerSecond: number | null, reserve = 0): Pace | undefined =>
      pacesOf({ seen: { all: seen }, api: 'users', rate: { writesPerSecond, reserve } }).all;
    expect(all(undefined, 2)).toEqual({ writes: 20, seconds: 10, basis: 'configured' });
    expect(all(100, 2)).toEqual({ writes: 20, seconds: 10, basis: 'configured' });
    expect(all(10, 2)).toEqual({ writes: 10, seconds: 10, basis: 'seen' });
    expect(all(1, null, 0.99)).toEqual({ writes: 1, seconds: 10, basis: 'seen' });
    expect(all(undefined, null)).toBeUndefined();
  });

  test('the expected pace of writes for users is that of contexts, if users are written through the endpoint of contexts', () => {
    expect(pacesOf({ seen: { users: 50, contexts: 20 }, api: 'contexts', rate: NO_RATE })).toStrictEqual({
      contexts: { writes: 20, seconds: 10, basis: 'seen' },
      patches: { writes: 5, seconds: 10, basis: 'assumed' },
      dates: { writes: 5, seconds: 10, basis: 'assumed' },
    });
  });
});

describe('estimates', () => {
  const paces = (seen: Parameters<typeof pacesOf>[0]['seen'], api: 'users' | 'contexts' = 'users'): Paces =>
    pacesOf({ seen, api, rate: NO_RATE });

  test('an estimate has requests and time for put and for batch', () => {
    expect(estimateWrites(changes(1000), [], CAUTIOUS_PACES, PUT)).toMatchObject({
      requests: 1000,
      seconds: 1790,
      put: { requests: 1000, seconds: 1790 },
      batch: { requests: 2, seconds: 1 },
    });
  });

  test('an estimate is decided by the budget that takes longest', () => {
    const seconds = (seen: Parameters<typeof paces>[0]): number =>
      estimateWrites(changes(1000), [], paces(seen), PUT).seconds;
    // 900 users, 100 devices.
    expect(seconds({ users: 100, contexts: 100 })).toBe(80);
    expect(seconds({ users: 900, contexts: 10 })).toBe(90);
    expect(seconds({ users: 900, contexts: 900, all: 50 })).toBe(190);
    expect(estimateWrites(changes(1000), [], paces({ contexts: 100 }, 'contexts'), PUT).seconds).toBe(90);
  });

  test('an estimate contains the pace that decides', () => {
    const { pace, batch } = estimateWrites(changes(1000), [], paces({ users: 100, contexts: 100 }), PUT);
    expect(pace).toEqual({ writes: 100, seconds: 10, basis: 'seen' });
    expect(batch.pace).toEqual({ writes: 5, seconds: 10, basis: 'assumed' });
  });

  test('the estimate of nothing has no requests, takes no time, and names the tightest pace', () => {
    const tight = paces({ users: 20, contexts: 3 });
    expect(estimateWrites([], [], tight, PUT)).toMatchObject({
      requests: 0,
      seconds: 0,
      pace: tight.contexts,
    });
  });

  test('an estimate counts the requests for dates', () => {
    const dates = changes(1).map((change) => expiryChange(change, null, 5000));
    expect(estimateWrites(changes(3), dates, CAUTIOUS_PACES, PUT).requests).toBe(4);
  });

  test('a steady estimate divides the requests of each budget by its pace, and all of them by the pace of all', () => {
    const counts = { users: 10, contexts: 20, patches: 40, dates: 80 };
    expect(steadyEstimate(counts, paces({ users: 4, contexts: 100, patches: 100, dates: 100 }))).toEqual({
      seconds: 25,
      pace: { writes: 4, seconds: 10, basis: 'seen' },
    });
    const all = paces({ users: 100, contexts: 100, patches: 100, dates: 100, all: 15 });
    expect(steadyEstimate(counts, all)).toEqual({ seconds: 100, pace: all.all });
  });

  test('an estimate suggests batch if it saves more than a minute, and not if it saves less', () => {
    const better = (count: number, seen = {}): boolean =>
      betterInBatch(estimateWrites(changes(count), [], paces(seen), PUT)) !== undefined;
    expect(better(40)).toBe(true);
    expect(better(30)).toBe(false);
    expect(better(40, { users: 100, contexts: 100 })).toBe(false);
    expect(better(0)).toBe(false);
    const { batch } = estimateWrites(changes(1000), [], CAUTIOUS_PACES, { mode: 'batch', values: 500 });
    expect(betterInBatch({ ...batch, put: batch, batch, paces: CAUTIOUS_PACES })).toBeUndefined();
  });

  test.each([
    [100, 40, false],
    [100, 39, true],
    [40, 30, false],
    [30, 40, false],
  ])(
    'of %d seconds as configured and %d with batch, batch is suggested: %s',
    (seconds, inBatch, expected) => {
      const put = estimateWrites(changes(1), [], CAUTIOUS_PACES, PUT);
      const batch = { ...put.batch, seconds: inBatch };
      expect(betterInBatch({ ...put, seconds, batch })).toBe(expected ? batch : undefined);
    },
  );

  test('an estimate never gets shorter with more changes or a larger reserve', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 200 }), { nil: undefined });
    const seen = fc.record({ users: limit, contexts: limit, patches: limit, all: limit });
    fc.assert(
      fc.property(
        seen,
        fc.nat({ max: 60 }),
        fc.nat({ max: 60 }),
        fc.double({ min: 0, max: 0.9, noNaN: true }),
        (limits, one, more, reserve) => {
          const take = (count: number, kept: number): number =>
            estimateWrites(
              changes(count),
              [],
              pacesOf({ seen: limits, api: 'users', rate: { writesPerSecond: null, reserve: kept } }),
              PUT,
            ).seconds;
          expect(take(one + more, reserve)).toBeGreaterThanOrEqual(take(one, reserve));
          expect(take(one, reserve)).toBeGreaterThanOrEqual(take(one, 0));
        },
      ),
      { numRuns: 50 },
    );
  });
});

test('the words of an estimate say what it is based on', () => {
  const words = (options: Partial<Parameters<typeof pacesOf>[0]>): string[] => {
    const { takes, better } = estimateWords(
      estimateWrites(changes(100), [], pacesOf({ seen: {}, api: 'users', rate: NO_RATE, ...options }), PUT),
    );
    return [takes, ...(better === undefined ? [] : [better])];
  };
  expect(words({})).toEqual([
    '100 requests, at most about 3 min at 5 writes per 10 s (assumed)',
    'With writes: batch (or --batch): 1 request, at most about 1 s at 5 writes per 10 s (assumed)',
  ]);
  expect(words({ seen: { users: 20, contexts: 1 } })).toEqual([
    '100 requests, about 2 min at 1 write per 10 s (as last seen)',
    'With writes: batch (or --batch): 1 request, at most about 1 s at 5 writes per 10 s (assumed)',
  ]);
  expect(
    words({ seen: { users: 1000, contexts: 1000 }, rate: { writesPerSecond: 2.5, reserve: 0 } }),
  ).toEqual(['100 requests, about 40 s at 25 writes per 10 s (as configured)']);
});
