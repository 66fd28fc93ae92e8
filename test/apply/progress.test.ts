import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProgressMeter, progressOf } from '../../src/apply/progress.js';

describe('progress', () => {
  test('progress has no pace before a change has ended', () => {
    expect(progressOf(0, 10, [1000], 1000)).toEqual({
      done: 0,
      total: 10,
      perSecond: undefined,
      secondsLeft: undefined,
    });
  });

  test('progress has the pace and the time left', () => {
    expect(progressOf(4, 10, [0, 500, 1000, 1500, 2000], 2000)).toEqual({
      done: 4,
      total: 10,
      perSecond: 2,
      secondsLeft: 3,
    });
  });

  test('progress takes the pace from recent changes', () => {
    const early = Array.from({ length: 100 }, (_, index) => index * 10);
    const late = [100_000, 101_000, 102_000];
    expect(progressOf(103, 106, [...early, ...late], 102_000).perSecond).toBe(1);
  });

  test('progress leaves out what ended 30 seconds ago, but not what ended later', () => {
    expect(progressOf(3, 6, [0, 10_000, 20_000], 30_000)).toMatchObject({ perSecond: 0.05, secondsLeft: 60 });
    expect(progressOf(3, 6, [1, 10_000, 30_001], 30_001).perSecond).toBeCloseTo(1 / 20.001, 10);
    expect(progressOf(3, 6, [0, 30_000], 30_000)).toMatchObject({
      perSecond: undefined,
      secondsLeft: undefined,
    });
  });

  test('progress has no pace if all changes ended at the same instant, or only one did', () => {
    expect(progressOf(2, 4, [5, 5], 5).perSecond).toBeUndefined();
    expect(progressOf(1, 4, [5], 1005).perSecond).toBeUndefined();
  });

  test('progress is the same as if all times were remembered, unless more than 128 changes ended in 30 seconds', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 240, max: 2000 }), { minLength: 250, maxLength: 400 }),
        (waits) => {
          const meter = new ProgressMeter(0);
          const ended = [0];
          let now = 0;
          for (const [index, wait] of waits.entries()) {
            now += wait;
            ended.push(now);
            const pace = meter.ended(index + 1, waits.length, now);
            expect(pace).toEqual(progressOf(index + 1, waits.length, ended, now));
          }
        },
      ),
      { numRuns: 5 },
    );
  });

  test('progress of changes that end at a constant pace is that pace, however many end in 30 seconds', () => {
    const meter = new ProgressMeter(0);
    for (let done = 1; done <= 2000; done += 1) {
      expect(meter.ended(done, 2000, done * 4).perSecond).toBeCloseTo(250, 6);
    }
  });

  test('progress has no time left at the end', () => {
    expect(progressOf(3, 3, [0], 60_000).secondsLeft).toBe(0);
  });

  test('progress is never negative, infinite or not a number', () => {
    const gaps = fc.array(fc.nat(20_000), { maxLength: 600 });
    fc.assert(
      fc.property(gaps, (waits) => {
        const pace = new ProgressMeter(0);
        let now = 0;
        for (const [index, wait] of waits.entries()) {
          now += wait;
          const { perSecond = 0, secondsLeft = 0 } = pace.ended(index + 1, waits.length, now);
          expect(Number.isFinite(perSecond) && perSecond >= 0).toBe(true);
          expect(Number.isFinite(secondsLeft) && secondsLeft >= 0).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });
});
