import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import { UnmeteredPace } from '../../../src/launchdarkly/pacing/unmetered-pace.js';
import { simulateClients } from './simulate-clients.js';
import { fixedWindow, slidingWindow } from './rate-models.js';

/** Milliseconds between two requests at the current pace. */
function spacing(pace: UnmeteredPace, now: number): number {
  pace.recordSent(now);
  const first = pace.readyAt();
  pace.recordSent(first);
  return pace.readyAt() - first;
}

/** A pace that gets its first 429 after `sent` requests in one window. */
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

describe('the pace without rate headers', () => {
  test('the pace is unlimited until a request is refused', () => {
    const pace = new UnmeteredPace(WINDOW);
    pace.recordSent(0);
    pace.recordResponse(0, 1);
    expect(pace.readyAt()).toBe(Number.NEGATIVE_INFINITY);
  });

  test('a 429 halves the pace', () => {
    expect(spacing(refusedAfter(100), WINDOW)).toBeCloseTo(WINDOW / 50);
  });

  test('several 429s together halve the pace once, and a later one halves it again', () => {
    const pace = refusedAfter(100);
    pace.recordRefusal(WINDOW + 10);
    pace.recordRefusal(WINDOW + 20);
    expect(spacing(pace, WINDOW + 30)).toBeCloseTo(WINDOW / 50);
    pace.recordRefusal(2 * WINDOW);
    expect(spacing(pace, 2 * WINDOW + 1000)).toBeCloseTo(WINDOW / 25);
  });

  test('a 429 counts as another one from half a window after the one before', () => {
    const pace = refusedAfter(100);
    pace.recordRefusal(WINDOW - 1 + WINDOW / 2 - 1);
    expect(spacing(pace, 2 * WINDOW)).toBeCloseTo(WINDOW / 50);
    pace.recordRefusal(WINDOW - 1 + WINDOW / 2);
    expect(spacing(pace, 3 * WINDOW)).toBeCloseTo(WINDOW / 25);
  });

  test('the pace grows by a tenth with every window without a 429', () => {
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

  test('a 429 halves the pace even if it has just grown', () => {
    const pace = refusedAfter(100);
    pace.recordResponse(2 * WINDOW, 2 * WINDOW + 1);
    pace.recordRefusal(2 * WINDOW + 2);
    expect(spacing(pace, 3 * WINDOW)).toBeCloseTo(WINDOW / 27.5);
  });

  test('the pace stays at five per window after one 429, and after any while headers report requests left', () => {
    const pace = refusedAfter(1);
    expect(spacing(pace, WINDOW)).toBeCloseTo(WINDOW / 5);
    pace.recordRefusal(2 * WINDOW, true);
    expect(spacing(pace, 3 * WINDOW)).toBeCloseTo(WINDOW / 5);
    pace.recordRefusal(4 * WINDOW);
    expect(spacing(pace, 6 * WINDOW)).toBeCloseTo(WINDOW / 2.5);
  });

  test('headers lift a pace that was set before any headers came, and no other', () => {
    const unexplained = refusedAfter(100);
    unexplained.lift();
    expect(unexplained.readyAt()).toBe(Number.NEGATIVE_INFINITY);
    const proven = refusedAfter(100);
    proven.recordRefusal(2 * WINDOW, true);
    proven.lift();
    expect(spacing(proven, 3 * WINDOW)).toBeCloseTo(WINDOW / 25);
  });

  test('after any number of 429s, the pace is one request in four windows', () => {
    const pace = refusedAfter(3);
    for (let time = 2; time < 100; time += 1) pace.recordRefusal(time * WINDOW);
    expect(spacing(pace, 100 * WINDOW)).toBeCloseTo(4 * WINDOW);
  });
});

describe('clients that get no rate headers', () => {
  test.each([
    ['sliding', 1, slidingWindow(100), 0.02],
    ['sliding', 8, slidingWindow(100), 0.08],
    ['fixed', 1, fixedWindow(100), 0.02],
    ['fixed', 8, fixedWindow(100), 0.08],
  ] as const)(
    'without rate headers, with %s windows, %i clients use two thirds of the budget and are rarely refused',
    (_, clients, model, most) => {
      let state = 5;
      const random = (): number => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
      const result = simulateClients({
        model,
        requests: 2000,
        clients,
        sentHeaders: { limit: false, remaining: false, reset: false },
        latency: () => [30 + random() * 70, 30 + random() * 70],
        pacer: { random },
      });
      expect(result.accepted).toHaveLength(2000);
      expect((20 * WINDOW) / result.elapsed).toBeGreaterThan(2 / 3);
      expect(result.refused.length / result.sent.length).toBeLessThan(most);
    },
  );
});
