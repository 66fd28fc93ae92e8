import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SlidingWindow } from '../../src/simulator/server/sliding-window.js';
import { simulators } from './support/running.js';

const start = simulators();
const theme = (key: string): string => `/api/v2/users/storefront/production/${key}/flags/theme`;

describe('a sliding window', () => {
  test('a sliding window allows exactly its limit of requests in any ten seconds', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.integer({ min: 0, max: 4000 }), { maxLength: 60 }),
        (limit, gaps) => {
          const window = new SlidingWindow(limit);
          const taken: number[] = [];
          let now = 0;
          for (const gap of gaps) {
            now += gap;
            const recent = taken.filter((time) => time + 10_000 > now);
            expect(window.remaining(now)).toBe(limit - recent.length);
            expect(window.reset(now)).toBe((recent[0] ?? now) + 10_000);
            if (window.remaining(now) === 0) continue;
            window.take(now);
            taken.push(now);
          }
        },
      ),
    );
  });

  test('a sliding window still counts correctly after thousands of requests have left it', () => {
    const window = new SlidingWindow(5000);
    for (let now = 0; now < 30_000; now += 3) window.take(now);
    expect(window.remaining(30_000)).toBe(5000 - 3333);
  });
});

describe('rate limits', () => {
  test('requests beyond the limit of a route get 429, and refused requests are not counted', async () => {
    let now = Date.UTC(2026, 0, 1);
    const { simulator, call } = await start({ rateLimit: 2, clock: { now: () => now } });
    const first = await call('PUT', theme('a'), { body: { setting: 'dark' } });
    expect(first.headers).toMatchObject({
      'x-ratelimit-route-limit': '2',
      'x-ratelimit-route-remaining': '1',
      'x-ratelimit-global-remaining': '19999',
      'x-ratelimit-reset': String(now + 10_000),
    });
    now += 4000;
    expect((await call('PUT', theme('b'), { body: { setting: 'dark' } })).status).toBe(204);
    for (let attempt = 0; attempt < 3; attempt += 1) {
      const refused = await call('PUT', theme('c'), { body: { setting: 'dark' } });
      expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } });
      expect(refused.headers).toMatchObject({
        'x-ratelimit-route-remaining': '0',
        'x-ratelimit-reset': String(now + 6000),
        'x-ratelimit-global-remaining': '19998',
      });
    }
    expect(simulator.targets('storefront', 'production', 'theme').map(({ key }) => key)).toEqual(['a', 'b']);
    now += 6000;
    expect((await call('PUT', theme('c'), { body: { setting: 'dark' } })).status).toBe(204);
    expect((await call('PUT', theme('d'), { body: { setting: 'dark' } })).status).toBe(429);
  });

  test('each route, a method and a path template, has its own limit', async () => {
    const { call } = await start({ rateLimit: 1 });
    const device = '/api/v2/projects/storefront/environments/production/contexts/device/kiosk/flags/theme';
    expect((await call('PUT', theme('a'), { body: {} })).status).toBe(204);
    expect((await call('PUT', device, { body: {} })).status).toBe(204);
    expect((await call('PUT', theme('b'), { body: {} })).status).toBe(429);
    expect((await call('GET', theme('b'))).status).toBe(200);
  });

  test('all tokens share the global limit, and each token can have its own limit', async () => {
    const { call } = await start({ limits: { global: 3, token: 2 } });
    const reply = await call('GET', theme('a'));
    expect(reply.headers).toMatchObject({
      'x-ratelimit-auth-token-limit': '2',
      'x-ratelimit-auth-token-remaining': '1',
      'x-ratelimit-auth-token-reset': expect.stringMatching(/^\d{13}$/),
      'x-ratelimit-global-limit': '3',
    });
    expect(reply.headers).not.toHaveProperty('x-ratelimit-route-remaining');
    await call('GET', theme('a'));
    expect((await call('GET', theme('a'))).status).toBe(429);
    expect((await call('GET', theme('a'), { token: 'api-reader' })).status).toBe(200);
    const refused = await call('GET', theme('a'), { token: 'api-reader' });
    expect(refused).toMatchObject({ status: 429, headers: { 'x-ratelimit-global-remaining': '0' } });
  });

  test('requests without a valid token are not counted', async () => {
    const { call } = await start({ limits: { global: 1 } });
    expect((await call('GET', theme('a'), { token: 'nobody' })).status).toBe(401);
    expect((await call('GET', theme('a'))).status).toBe(200);
  });
});
