import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import { ServerClock } from '../../../src/launchdarkly/pacing/server-clock.js';

const NOW = Date.parse('2026-11-23T10:00:00Z');
const read = (headers: Record<string, string>) => readRateHeaders(new Map(Object.entries(headers)), NOW);

describe('rate headers', () => {
  test('a response without rate headers gives no readings', () => {
    expect(read({ 'content-type': 'application/json' })).toEqual({
      readings: [],
      retryAfter: undefined,
      date: undefined,
    });
  });

  test('rate headers give one reading for each budget, with its own reset', () => {
    expect(
      read({
        'x-ratelimit-global-remaining': '900',
        'x-ratelimit-global-limit': '1000',
        'x-ratelimit-route-remaining': '4',
        'x-ratelimit-reset': '1700000010000',
        'x-ratelimit-auth-token-remaining': '7',
        'x-ratelimit-auth-token-limit': '50',
        'x-ratelimit-auth-token-reset': '1700000005000',
      }).readings,
    ).toEqual([
      { name: 'global', remaining: 900, limit: 1000, reset: 1_700_000_010_000 },
      { name: 'route', remaining: 4, limit: undefined, reset: 1_700_000_010_000 },
      { name: 'token', remaining: 7, limit: 50, reset: 1_700_000_005_000 },
    ]);
  });

  test.each(['', 'soon', '-1', 'NaN', '1e9', '0x10', '99999999999999999999'])(
    'a rate header with the value %j counts as absent',
    (text) => {
      expect(read({ 'x-ratelimit-route-remaining': text }).readings).toEqual([]);
      expect(read({ 'retry-after': text }).retryAfter).toBe(
        text.startsWith('9') ? 366 * 24 * 3_600_000 : undefined,
      );
    },
  );

  test('Retry-After is read in seconds, or as a date by the server’s clock', () => {
    expect(read({ 'retry-after': '7' }).retryAfter).toBe(7000);
    const later = 'Mon, 23 Nov 2026 11:00:30 GMT';
    expect(read({ 'retry-after': later, date: 'Mon, 23 Nov 2026 11:00:00 GMT' }).retryAfter).toBe(30_000);
    expect(read({ 'retry-after': later }).retryAfter).toBe(3_630_000);
    expect(read({ 'retry-after': 'Mon, 23 Nov 2026 09:00:00 GMT' }).retryAfter).toBe(0);
  });

  test('no header value makes the reader throw', () => {
    const header = fc.constantFrom(
      'date',
      'retry-after',
      'x-ratelimit-reset',
      'x-ratelimit-route-remaining',
      'x-ratelimit-global-limit',
    );
    fc.assert(
      fc.property(fc.dictionary(header, fc.string()), (headers) => {
        const { readings, retryAfter } = read(headers);
        for (const { remaining } of readings) expect(remaining).toBeGreaterThanOrEqual(0);
        expect(retryAfter ?? 0).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe("the server's clock", () => {
  test('the interval for a reset always contains the true reset and only gets narrower', () => {
    const responses = fc.array(fc.record({ wait: fc.nat(5000), there: fc.nat(800), back: fc.nat(800) }), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(fc.integer({ min: -600_000, max: 600_000 }), responses, (skew, steps) => {
        const clock = new ServerClock(WINDOW);
        let now = NOW + 123;
        let width = Number.POSITIVE_INFINITY;
        for (const { wait, there, back } of steps) {
          const sent = now + wait;
          now = sent + there + back;
          clock.observe(Math.floor((sent + there + skew) / 1000) * 1000, sent, now);
          const reset = clock.localReset(now + 5000 + skew, now);
          expect(reset?.earliest).toBeLessThanOrEqual(now + 5000);
          expect(reset?.latest).toBeGreaterThanOrEqual(now + 5000);
          const latest = (reset?.latest ?? 0) - (reset?.earliest ?? 0);
          expect(latest).toBeLessThanOrEqual(width);
          width = latest;
        }
      }),
    );
  });

  test('one response gives the reset within its round trip and the second that Date leaves open', () => {
    const clock = new ServerClock(WINDOW);
    clock.observe(NOW, NOW, NOW + 200);
    expect(clock.localReset(NOW + 5000, NOW + 200)).toMatchObject({
      earliest: NOW + 4000,
      latest: NOW + 5200,
    });
  });

  test('the clock offset is learned again after a clock was set', () => {
    const clock = new ServerClock(WINDOW);
    clock.observe(NOW, NOW, NOW + 10);
    clock.observe(NOW + 61_000, NOW + 1000, NOW + 1010);
    expect(clock.localReset(NOW + 62_000, NOW + 1010)?.latest).toBeLessThan(NOW + 2100);
  });

  test('a reset further than a second and a half beyond the window is ignored', () => {
    const clock = new ServerClock(WINDOW);
    clock.observe(NOW, NOW, NOW);
    expect(clock.localReset(NOW + WINDOW + 1500, NOW)?.latest).toBe(NOW + WINDOW);
    expect(clock.localReset(NOW + WINDOW + 1501, NOW)).toBeUndefined();
  });
});
