import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import pLimit from 'p-limit';
import { describe, expect, test } from 'vitest';
import type { OperatorError } from '../../src/diagnostics/operator-error.js';
import { ApiError } from '../../src/launchdarkly/http/api-error.js';
import {
  expectedUserRoute,
  mayMeanRouteRemoved,
  openUserRoute,
  type UserApi,
  type UserWrite,
} from '../../src/launchdarkly/user-route.js';
import { VirtualClock } from './virtual-clock.js';

const REQUEST = { route: 'user setting', method: 'PUT', path: '/api/v2/users/p/e/alice/flags/f' } as const;

function refusal(status: number, code = '', detail = ''): ApiError {
  return new ApiError(REQUEST, status, code, detail);
}

describe('refusals that may mean a removed route', () => {
  test.each([
    [404, '', ''],
    [404, 'not_found', 'Unknown flag'],
    [410, 'gone', 'This resource was removed'],
    [405, 'method_not_allowed', 'Method not allowed'],
    [400, 'invalid_request', 'Invalid LD-API-Version'],
    [400, 'unsupported_version', ''],
    [400, '', 'API version 20240415 does not support this resource'],
    [406, 'not_acceptable', 'No such version of the API'],
  ])('%i %s %s may mean that the route is gone', (status, code, detail) => {
    expect(mayMeanRouteRemoved(refusal(status, code, detail))).toBe(true);
  });

  test.each([
    [405, 'method_not_allowed', 'Flags in this environment require approval'],
    [405, 'approval_required', ''],
    [400, 'invalid_request', 'setting is the value of no variation'],
    [400, 'invalid_request', 'the conversion failed'],
    [406, '', ''],
    [401, '', ''],
    [403, 'forbidden', 'Invalid version'],
    [409, 'optimistic_locking_error', 'version'],
    [429, '', ''],
    [500, '', ''],
  ])('%i %s %s does not mean that the route is gone', (status, code, detail) => {
    expect(mayMeanRouteRemoved(refusal(status, code, detail))).toBe(false);
  });
});

describe('the expected user route', () => {
  const now = 1_767_312_000_000;
  const DAY = 24 * 3_600_000;
  const after = (goneAt: number | undefined) =>
    expectedUserRoute('auto', { goneAt: () => goneAt, remember: () => undefined }, now);

  test('estimates expect the user route unless it was found gone within 24 hours', () => {
    expect(after(undefined)).toBe('users');
    expect(after(now)).toBe('contexts');
    expect(after(now - DAY + 1)).toBe('contexts');
    expect(after(now - DAY)).toBe('users');
    expect(after(now + 1)).toBe('users');
  });

  test('estimates expect the configured route, whatever was found before', () => {
    const memory = { goneAt: () => now, remember: () => undefined };
    expect(expectedUserRoute('users', memory, now)).toBe('users');
    expect(expectedUserRoute('contexts', { ...memory, goneAt: () => undefined }, now)).toBe('contexts');
  });
});

describe('a route that disappears during several writes', () => {
  /** Writes whose responses come when the test says so. */
  function writes(api: UserApi) {
    const remembered: number[] = [];
    const put = openUserRoute({
      api,
      clock: new VirtualClock({ now: 1000 }),
      memory: { goneAt: () => undefined, remember: (at) => remembered.push(at) },
    });
    const inFlight: { readonly route: 'users' | 'contexts'; readonly end: (error?: Error) => void }[] = [];
    const sendBy = (route: 'users' | 'contexts') => () =>
      new Promise<void>((resolve, reject) => {
        inFlight.push({ route, end: (error) => (error === undefined ? resolve() : reject(error)) });
      });
    const write: UserWrite = {
      users: sendBy('users'),
      contexts: sendBy('contexts'),
      flagExists: () => Promise.resolve(true),
    };
    return {
      put: () => put(write),
      remembered,
      /** Ends all writes in flight, once everything that can proceed has done so. */
      endAll: async (error?: Error): Promise<string[]> => {
        await setImmediate();
        const ended = inFlight.splice(0);
        for (const { end } of ended) end(error);
        return ended.map(({ route }) => route);
      },
    };
  }

  test('when the route disappears, one write tries the context route, and all others wait for it', async () => {
    const { put, remembered, endAll } = writes('auto');
    const first = put();
    expect(await endAll()).toEqual(['users']);
    await first;
    const several = [put(), put(), put()];
    expect(await endAll(refusal(404))).toEqual(['users', 'users', 'users']);
    await setImmediate();
    const later = put();
    expect(await endAll()).toEqual(['contexts']);
    expect(await endAll()).toEqual(['contexts', 'contexts', 'contexts']);
    await Promise.all([...several, later]);
    expect(remembered).toEqual([1000]);
  });

  test('api: users reports once that the route is gone', async () => {
    const { put, endAll } = writes('users');
    const first = put();
    await endAll();
    await first;
    const several = Promise.allSettled([put(), put(), put()]);
    await endAll(refusal(404));
    const ended = [...(await several), ...(await Promise.allSettled([put()]))];
    expect(ended.map((one) => (one.status === 'rejected' ? (one.reason as OperatorError).code : ''))).toEqual(
      ['route-removed', 'route-known-removed', 'route-known-removed', 'route-known-removed'],
    );
    expect(await endAll()).toEqual([]);
  });
});

test('api: auto makes every possible change with barely more than one request each', async () => {
  await fc.assert(
    fc.asyncProperty(
      // Whether the flag of each write exists, from which write on the route is gone, and the concurrency.
      fc.oneof(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
        fc.array(fc.constant(false), { minLength: 100, maxLength: 1000 }),
      ),
      fc.nat(400),
      fc.integer({ min: 1, max: 8 }),
      async (exists, goneFrom, concurrency) => {
        let requests = 0;
        let begun = 0;
        const respond = async (isAccepted: () => boolean): Promise<void> => {
          requests += 1;
          await Promise.resolve();
          if (!isAccepted()) throw refusal(404);
        };
        const write = (has: boolean): UserWrite => ({
          users: () => respond(() => has && begun <= goneFrom),
          contexts: () => respond(() => has),
          flagExists: () => Promise.reject(new Error('never called')),
        });
        const put = openUserRoute({ api: 'auto', clock: new VirtualClock(), memory: undefined });
        const limit = pLimit(concurrency);
        const ended = await Promise.allSettled(
          exists.map((has) =>
            limit(() => {
              begun += 1;
              return put(write(has));
            }),
          ),
        );
        expect(ended.map(({ status }) => status === 'fulfilled')).toEqual(exists);
        expect(requests).toBeLessThanOrEqual((1 + 1 / 64) * exists.length + 10 + 2 * concurrency);
      },
    ),
  );
});
