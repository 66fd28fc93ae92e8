import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countsDone, progressBar, progressLine, type ProgressState } from '../../src/report/progress-text.js';

const PROGRESS = { done: 45, total: 135, failed: 0, unknown: 0 };
const STATE: ProgressState = { progress: PROGRESS, pace: undefined, waiting: undefined };
const PACE = { perSecond: 4.5, secondsLeft: 20 };
const WAITING = { until: 'rate limit resets', seconds: 8 };

describe('the bar of an apply', () => {
  it('the bar shows what is done, how fast, how long, and what requests wait for', () => {
    expect(progressBar(STATE, 80)).toBe('[########................] 45/135');
    expect(progressBar({ progress: PROGRESS, pace: PACE, waiting: WAITING }, 80)).toBe(
      '[########................] 45/135  4.5/s  0:20 left  rate limit resets in 8 s',
    );
    const worse = { done: 1200, total: 12_000, failed: 2, unknown: 1 };
    expect(progressBar({ ...STATE, progress: worse, pace: PACE }, 80)).toBe(
      '[##......................] 1,200/12,000, 2 failed, 1 unknown  4.5/s  0:20 left',
    );
  });

  it('the bar shrinks and disappears before anything else is left out', () => {
    const state = { progress: PROGRESS, pace: PACE, waiting: WAITING };
    expect(progressBar(state, 62)).toBe('[##......] 45/135  4.5/s  0:20 left  rate limit resets in 8 s');
    expect(progressBar(state, 59)).toBe('45/135  4.5/s  0:20 left  rate limit resets in 8 s');
    expect(progressBar(state, 40)).toBe('[####........] 45/135  4.5/s  0:20 left');
    expect(progressBar(state, 25)).toBe('45/135  4.5/s  0:20 left');
    expect(progressBar(state, 24)).toBe('[##.....] 45/135  4.5/s');
    expect(progressBar(state, 5)).toBe('45/1');
  });

  it('the bar always fits, and leaves the last column free', () => {
    const count = fc.nat(2_000_000);
    fc.assert(
      fc.property(count, count, fc.integer({ min: 1, max: 200 }), (done, left, columns) => {
        const progress = { done, total: done + left + 1, failed: done, unknown: left };
        const pace = { perSecond: done / 7, secondsLeft: left };
        const bar = progressBar({ progress, pace, waiting: WAITING }, columns);
        expect(bar.length).toBeLessThan(columns);
      }),
    );
  });

  it.each([
    [1, '0:01'],
    [1.2, '0:02'],
    [59, '0:59'],
    [59.5, '1:00'],
    [89, '1:29'],
    [91, '1:31'],
    [3599, '59:59'],
    [3600, '1:00:00'],
    [90_061, '25:01:01'],
  ])('%s seconds are shown as %s', (secondsLeft, text) => {
    expect(progressBar({ ...STATE, pace: { perSecond: 1, secondsLeft } }, 80)).toContain(
      `  1.0/s  ${text} left`,
    );
  });
});

describe('the lines of an apply in a log', () => {
  it('a line has the counts, and what is known besides', () => {
    expect(progressLine(STATE)).toBe('45 of 135 changes done');
    expect(progressLine({ progress: PROGRESS, pace: PACE, waiting: WAITING })).toBe(
      '45 of 135 changes done, 4.5/s, 0:20 left, rate limit resets in 8 s',
    );
  });

  it('the counts name failed and unknown changes only if there are any', () => {
    expect(countsDone({ done: 1, total: 1, failed: 0, unknown: 0 })).toBe('1 of 1 change done');
    expect(countsDone({ done: 1500, total: 2000, failed: 3, unknown: 0 })).toBe(
      '1,500 of 2,000 changes done, 3 failed',
    );
    expect(countsDone({ done: 2, total: 3, failed: 0, unknown: 2 })).toBe('2 of 3 changes done, 2 unknown');
  });
});
