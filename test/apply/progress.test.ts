import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countWithheld, type ExpectedPace, expectPace, PaceMeter } from '../../src/apply/progress.js';
import { pacesOf } from '../../src/reconcile/pace.js';
import { expiryChange } from '../support/dates.js';
import { change } from './setup.js';
import { simulateWrites, type WriteSimulation } from './simulate-writes.js';

/** 45 changes in each window of ten seconds. */
const LIMITED: ExpectedPace = { perSecond: 4.5, window: 10_000, isGuess: false };
/** One change every two seconds. */
const EVEN: ExpectedPace = { perSecond: 0.5, window: 0, isGuess: false };
const GUESS: ExpectedPace = { ...LIMITED, isGuess: true };
const FAST: ExpectedPace = { perSecond: 900, window: 10_000, isGuess: false };

/** A meter that starts at 0 with nothing done, after changes have ended at the given times. */
function meterAfter(times: readonly number[]): PaceMeter {
  const meter = new PaceMeter(0, 0);
  for (const [index, at] of times.entries()) meter.ended(index + 1, at);
  return meter;
}

/** Times at a constant distance. */
function every(ms: number, count: number, from = 0): number[] {
  return Array.from({ length: count }, (_, index) => from + (index + 1) * ms);
}

describe('the time that an apply takes', () => {
  test.each([
    [46, 10],
    [90, 10],
    [91, 20],
    [450, 90],
  ])(
    'before the first answer, %i changes take the %i seconds until their last window begins',
    (total, seconds) => {
      expect(new PaceMeter(0, 0).pace(total, LIMITED, 0)).toEqual({ perSecond: 4.5, secondsLeft: seconds });
      expect(new PaceMeter(5, 0).pace(total + 5, LIMITED, 2500)?.secondsLeft).toBe(seconds - 2.5);
    },
  );

  test('before the first answer, changes that are spread evenly take as long as their pace says', () => {
    expect(new PaceMeter(0, 0).pace(10, EVEN, 0)).toEqual({ perSecond: 0.5, secondsLeft: 20 });
    expect(meterAfter([0, 2000]).pace(10, EVEN, 3000)).toEqual({ perSecond: 0.5, secondsLeft: 15 });
  });

  test('nothing is predicted before ten changes have ended in a second, if the limit allows all the rest at once', () => {
    expect(new PaceMeter(0, 0).pace(45, LIMITED, 0)).toBeUndefined();
    expect(new PaceMeter(0, 0).pace(46, LIMITED, 20_000)).toEqual({ perSecond: 4.5, secondsLeft: 1 });
    expect(meterAfter(every(111, 9)).pace(45, FAST, 1000)).toBeUndefined();
    expect(meterAfter(every(99, 10)).pace(45, FAST, 999)).toBeUndefined();
    expect(meterAfter(every(100, 10)).pace(45, FAST, 1000)).toEqual({ perSecond: 10, secondsLeft: 3.5 });
  });

  test('a burst at the beginning of a window does not look like a fast pace', () => {
    const meter = meterAfter(every(10, 45));
    expect(meter.pace(450, LIMITED, 1000)).toEqual({ perSecond: 4.5, secondsLeft: 89 });
    expect(meter.pace(450, LIMITED, 9000)?.secondsLeft).toBe(81);
    meter.ended(46, 10_000);
    expect(meter.pace(450, LIMITED, 10_000)?.secondsLeft).toBe(80);
  });

  test('what a window left unused counts from the first change that ends ten seconds after its beginning', () => {
    const at = (end: number): number | undefined => {
      const meter = meterAfter(every(10, 40));
      meter.ended(41, end);
      return meter.pace(450, LIMITED, end)?.secondsLeft;
    };
    expect(at(9999)).toBeCloseTo(80, 1);
    expect(at(10_000)).toBe(90);
  });

  test('a pace that is clearly below the limit is the pace', () => {
    const at = (ms: number) => meterAfter(every(ms, 20)).pace(100, { ...FAST, perSecond: 10 }, 20 * ms);
    expect(at(125)).toEqual({ perSecond: 10, secondsLeft: 1 });
    expect(at(126)?.perSecond).toBeCloseTo(7.94, 2);
    expect(at(126)?.secondsLeft).toBeCloseTo(80 / 7.94, 1);
  });

  test('a guess serves only until something is measured, even if that is faster', () => {
    expect(new PaceMeter(0, 0).pace(450, GUESS, 0)).toEqual({ perSecond: 4.5, secondsLeft: 90 });
    expect(meterAfter(every(10, 100)).pace(450, GUESS, 1000)).toEqual({ perSecond: 100, secondsLeft: 3.5 });
  });

  test('the time that is left gets shorter while nothing ends, and is at least a second until all has ended', () => {
    const meter = meterAfter(every(200, 10));
    expect(meter.pace(20, FAST, 2000)).toEqual({ perSecond: 5, secondsLeft: 2 });
    expect(meter.pace(20, FAST, 2500)?.secondsLeft).toBe(2);
    expect(meter.pace(11, FAST, 10_000)?.secondsLeft).toBe(1);
    expect(meter.pace(10, FAST, 10_000)).toEqual({ perSecond: 1, secondsLeft: 0 });
  });

  test('the pace is measured over the last 20 to 30 seconds', () => {
    // Ten changes a second for a minute, then one a second.
    const times = [...every(100, 600), ...every(1000, 40, 60_000)];
    const at = (count: number) =>
      meterAfter(times.slice(0, count)).pace(1000, FAST, times[count - 1] ?? 0)?.perSecond;
    expect(at(600)).toBeCloseTo(10, 0);
    expect(at(610)).toBeLessThan(9);
    expect(at(619)).toBeGreaterThan(1.5);
    expect(at(632)).toBeCloseTo(1, 0);
    expect(at(640)).toBeCloseTo(1, 0);
  });

  test.each<[WriteSimulation, number]>([
    [{ writes: 100, limit: 45, latency: 50 }, 1.5],
    [{ writes: 450, limit: 45, latency: 50 }, 1.5],
    [{ writes: 450, limit: 5, latency: 50 }, 1.5],
    [{ writes: 9, limit: 5, latency: 50 }, 1.5],
    [{ writes: 1000, limit: 300, latency: 50 }, 1.5],
    [{ writes: 450, limit: 45, latency: 400 }, 6],
    [{ writes: 60, limit: 9000, latency: 50, writesPerSecond: 2 }, 1.5],
  ])(
    'with a limit that is known, the prediction for %j is right from the start',
    async (simulation, slack) => {
      const { times, end } = await simulateWrites(simulation);
      const perSecond = simulation.writesPerSecond ?? simulation.limit / 10;
      const expected = {
        perSecond,
        window: simulation.writesPerSecond === undefined ? 10_000 : 0,
        isGuess: false,
      };
      const meter = new PaceMeter(0, 0);
      let done = 0;
      for (let now = 0; now < end; now += 100) {
        for (; (times[done] ?? Infinity) <= now; done += 1) meter.ended(done + 1, times[done] ?? 0);
        const left = (end - now) / 1000;
        // Nothing is predicted in a window that allows all the rest.
        const predicted = meter.pace(times.length, expected, now)?.secondsLeft ?? (left < 1 ? 1 : Number.NaN);
        expect(Math.abs(predicted - left), `after ${now} ms: ${predicted}, not ${left}`).toBeLessThan(
          slack + 0.05 * left,
        );
      }
    },
  );

  test('a limit that is not reached does not matter after two seconds', async () => {
    const { times, end } = await simulateWrites({ writes: 2000, limit: 9000, latency: 50 });
    const meter = new PaceMeter(0, 0);
    const wrong: string[] = [];
    let done = 0;
    for (let now = 0; now < end; now += 100) {
      for (; (times[done] ?? Infinity) <= now; done += 1) meter.ended(done + 1, times[done] ?? 0);
      const left = (end - now) / 1000;
      const predicted = meter.pace(times.length, FAST, now)?.secondsLeft ?? Number.NaN;
      const isRight = Math.abs(predicted - left) < 1 + 0.05 * left;
      if (now >= 2000 && !isRight) wrong.push(`after ${now} ms: ${predicted}, not ${left}`);
    }
    expect(done).toBeGreaterThan(1900);
    expect(wrong).toEqual([]);
  });

  test('a prediction is never negative, infinite or not a number', () => {
    const paces = fc.constantFrom(LIMITED, EVEN, GUESS, FAST);
    fc.assert(
      fc.property(fc.array(fc.nat(20_000), { maxLength: 200 }), paces, (waits, expected) => {
        const meter = new PaceMeter(0, 0);
        let now = 0;
        for (const [index, wait] of waits.entries()) {
          now += wait;
          meter.ended(index + 1, now);
          const { perSecond, secondsLeft } = meter.pace(waits.length, expected, now) ?? {
            perSecond: 1,
            secondsLeft: 1,
          };
          expect(Number.isFinite(perSecond) && perSecond > 0).toBe(true);
          expect(Number.isFinite(secondsLeft) && secondsLeft >= 0).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});

describe('the pace that rate limits allow', () => {
  const changes = [
    change('theme', 'a', 1),
    change('theme', 'b', 1),
    change('theme', 'c', 1),
    change('theme', 'd', 1, { withheld: 'paused' }),
  ];
  const plan = { changes, dates: changes.slice(0, 1).map((one) => expiryChange(one, null, 1)) };
  const rate = { writesPerSecond: null, reserve: 0 };
  const put = { mode: 'put', values: 500 } as const;

  test('the pace counts the changes that are applied, and follows the limits that become known', () => {
    let seen: { readonly users?: number; readonly dates?: number } = {};
    const expected = expectPace(plan, put, () => pacesOf({ seen, api: 'users', rate }));
    expect(countWithheld(plan)).toBe(1);
    // Three PUTs at 5 in ten seconds take longer than one patch of dates.
    expect(expected()).toEqual({ perSecond: 4 / 6, window: 10_000, isGuess: true });
    seen = { users: 30, dates: 30 };
    expect(expected()).toEqual({ perSecond: 4, window: 10_000, isGuess: false });
  });

  test('a configured pace has no windows', () => {
    const paces = pacesOf({
      seen: { users: 100, dates: 100 },
      api: 'users',
      rate: { ...rate, writesPerSecond: 2 },
    });
    expect(expectPace(plan, put, () => paces)()).toEqual({ perSecond: 2, window: 0, isGuess: false });
  });

  test('a batch makes several changes with one request', () => {
    const batch = { mode: 'batch', values: 500 } as const;
    const paces = pacesOf({ seen: { patches: 10 }, api: 'users', rate });
    const patchable = changes.map((one) => ({
      ...one,
      after: { variation: 1, value: 'dark', id: 'v1' },
    }));
    expect(expectPace({ changes: patchable, dates: [] }, batch, () => paces)()).toMatchObject({
      isGuess: false,
      perSecond: 3,
    });
  });
});
