import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import { UnmeteredPace } from '../../../src/launchdarkly/pacing/unmetered-pace.js';
import { simulateClients } from './simulate-clients.js';
import { fixedWindow, slidingWindow } from './rate-models.js';

/** Milliseconds between two requests at the pace of now. */
function spacing(pace: UnmeteredPace, now: number): number {
  pace.recordSent(now);
  const first = pace.readyAt();
  pace.recordSent(first);
  return pace.readyAt() - first;
}

/** A pace that was refused when it had sent so many requests in a window. */
function refusedAfter(sent: number): UnmeteredPace {
  const pace = new UnmeteredPace(WINDOW);
  for (let index = 0; index < sent; index += 1) {
    const at = (index * WINDOW) / sent;
    pace.recordSent(at);
    pace.recordResponse(at, at);
  }
  pace.recordRefusal(WINDOW - 1);
  return pace;
}

describe('the pace where no headers tell it', () => {
  test('is none until something is refused', () => {
    const pace = new UnmeteredPace(WINDOW);
    pace.recordSent(0);
    pace.recordResponse(0, 1);
    expect(pace.readyAt()).toBe(Number.NEGATIVE_INFINITY);
  });

  test('is half of what was sent, after a 429', () => {
    expect(spacing(refusedAfter(100), WINDOW)).toBeCloseTo(WINDOW / 50);
  });

  test('is halved once for several that come together, and again for one that comes later', () => {
    const pace = refusedAfter(100);
    pace.recordRefusal(WINDOW + 10);
    pace.recordRefusal(WINDOW + 20);
    expect(spacing(pace, WINDOW + 30)).toBeCloseTo(WINDOW / 50);
    pace.recordRefusal(2 * WINDOW);
    expect(spacing(pace, 2 * WINDOW + 1000)).toBeCloseTo(WINDOW / 25);
  });

  test('grows by a tenth with every window that goes well', () => {
    const pace = refusedAfter(100);
    for (const [windows, rate] of [
      [2, 55],
      [3, 60.5],
      [4, 66.55],
    ] as const) {
      pace.recordResponse(windows * WINDOW - 1, windows * WINDOW);
      pace.recordResponse(windows * WINDOW, windows * WINDOW + 1);
      expect(spacing(pace, windows * WINDOW + 2000)).toBeCloseTo(WINDOW / rate);
    }
  });

  test('is halved by a refusal however recently it has grown', () => {
    const pace = refusedAfter(100);
    pace.recordResponse(2 * WINDOW, 2 * WINDOW + 1);
    pace.recordRefusal(2 * WINDOW + 2);
    expect(spacing(pace, 3 * WINDOW)).toBeCloseTo(WINDOW / 27.5);
  });

  test('is not lowered below five a window by one refusal, nor by any while headers show plenty left', () => {
    const pace = refusedAfter(1);
    expect(spacing(pace, WINDOW)).toBeCloseTo(WINDOW / 5);
    pace.recordRefusal(2 * WINDOW, true);
    expect(spacing(pace, 3 * WINDOW)).toBeCloseTo(WINDOW / 5);
    pace.recordRefusal(4 * WINDOW);
    expect(spacing(pace, 6 * WINDOW)).toBeCloseTo(WINDOW / 2.5);
  });

  test('is lifted by headers that come after a refusal that nothing explained, and only then', () => {
    const unexplained = refusedAfter(100);
    unexplained.lift();
    expect(unexplained.readyAt()).toBe(Number.NEGATIVE_INFINITY);
    const proven = refusedAfter(100);
    proven.recordRefusal(2 * WINDOW, true);
    proven.lift();
    expect(spacing(proven, 3 * WINDOW)).toBeCloseTo(WINDOW / 25);
  });

  test('never ends: after any number of refusals one request in four windows goes', () => {
    const pace = refusedAfter(3);
    for (let time = 2; time < 100; time += 1) pace.recordRefusal(time * WINDOW);
    expect(spacing(pace, 100 * WINDOW)).toBeCloseTo(4 * WINDOW);
  });
});

describe('clients that nothing tells their budget', () => {
  test.each([
    ['sliding', 1, slidingWindow(100), 0.02],
    ['sliding', 8, slidingWindow(100), 0.08],
    ['fixed', 1, fixedWindow(100), 0.02],
    ['fixed', 8, fixedWindow(100), 0.08],
  ] as const)(
    'use two thirds of it with %s windows and are seldom refused, %i of them',
    (_, clients, model, most) => {
      let state = 5;
      const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
      const played = simulateClients({
        model,
        requests: 2000,
        clients,
        sentHeaders: { limit: false, remaining: false, reset: false },
        latency: () => [30 + random() * 70, 30 + random() * 70],
        pacer: { random },
      });
      expect(played.accepted).toHaveLength(2000);
      expect((20 * WINDOW) / played.elapsed).toBeGreaterThan(2 / 3);
      expect(played.refused.length / played.sent.length).toBeLessThan(most);
    },
  );
});
