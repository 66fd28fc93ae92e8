import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { rateLimitWait } from '../../src/github/rate-limit.js';

const NOW = 1_700_000_000_000;
const clock = (random: number): { now: () => number; random: () => number } => ({
  now: () => NOW,
  random: () => random,
});
const chance = fc.double({ min: 0, max: 0.999, noNaN: true });
const status = fc.constantFrom(403, 429);
const attempt = fc.integer({ min: 1, max: 4 });

it("GitHub's retry-after is the time to wait", () => {
  fc.assert(
    fc.property(status, attempt, chance, fc.nat(100_000), (code, tries, random, seconds) => {
      const headers = new Headers({ 'retry-after': String(seconds), 'x-ratelimit-remaining': '0' });
      const wait = rateLimitWait({ status: code, headers, message: '' }, tries, clock(random)) ?? -1;
      expect(wait).toBeGreaterThanOrEqual(seconds * 1000);
      expect(wait).toBeLessThan(seconds * 1000 + 500);
    }),
  );
});

it("the wait for GitHub's reset does not depend on this machine's clock", () => {
  fc.assert(
    fc.property(
      status,
      attempt,
      chance,
      fc.integer({ min: -7200, max: 7200 }),
      fc.nat(3600),
      (code, tries, random, skew, left) => {
        const githubTime = Math.floor(NOW / 1000) + skew;
        const headers = new Headers({
          date: new Date(githubTime * 1000).toUTCString(),
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(githubTime + left),
        });
        const wait = rateLimitWait({ status: code, headers, message: '' }, tries, clock(random)) ?? -1;
        expect(wait).toBeGreaterThanOrEqual((left + 1) * 1000);
        expect(wait).toBeLessThan((left + 2) * 1000);
      },
    ),
  );
});

it('the wait is at least a minute if GitHub does not say how long, and doubles each time', () => {
  const message = 'You have exceeded a secondary rate limit';
  const waits = [1, 2, 3].map((tries) =>
    rateLimitWait({ status: 403, headers: new Headers(), message }, tries, clock(0)),
  );
  expect(waits).toEqual([60_000, 120_000, 240_000]);
  expect(rateLimitWait({ status: 429, headers: new Headers(), message: '' }, 1, clock(0))).toBe(60_000);
});

it('other errors are not taken for a rate limit', () => {
  const denied = {
    status: 403,
    headers: new Headers({ 'x-ratelimit-remaining': '12' }),
    message: 'Resource not accessible',
  };
  expect(rateLimitWait(denied, 1, clock(0))).toBeUndefined();
  expect(
    rateLimitWait({ ...denied, headers: new Headers({ 'retry-after': 'soon' }) }, 1, clock(0)),
  ).toBeUndefined();
  for (const other of [400, 401, 404, 422, 500, 503])
    expect(rateLimitWait({ ...denied, status: other, message: 'rate limit' }, 1, clock(0))).toBeUndefined();
});
