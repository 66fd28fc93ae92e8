import { describe, expect, test } from 'vitest';
import type { ConnectOptions } from '../../src/launchdarkly/http/api.js';
import { verify } from '../../src/apply/verify.js';
import { Delivery } from '../../src/launchdarkly/http/delivery.js';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import type { Clock } from '../../src/launchdarkly/clock.js';
import type { UserRouteMemory } from '../../src/launchdarkly/user-route.js';
import { parseFault } from '../../src/simulator/faults/parse.js';
import type { Simulator, SimulatorOptions } from '../../src/simulator/simulator.js';
import { skippingClock, options } from '../launchdarkly/server.js';
import { storefrontSeed } from '../support/seeds.js';
import { applyWith, batchStage, change, ends, stage, type Stage } from './setup.js';

const HOUR = 3_600_000;

/** The route and the status of each write. */
function sent(simulator: Simulator): string[] {
  return simulator.requests
    .filter(({ method }) => method !== 'GET')
    .map(({ path, status }) => {
      const route = path.startsWith('/api/v2/users/')
        ? 'users'
        : path.includes('/contexts/')
          ? 'contexts'
          : 'flag';
      return `${route} ${status}`;
    });
}

function count(simulator: Simulator, what: string): number {
  return sent(simulator).filter((one) => one.startsWith(what)).length;
}

/** A memory that lasts as long as the test. */
function memory(goneAt?: number): UserRouteMemory & { readonly known: () => number | undefined } {
  let at = goneAt;
  return { goneAt: () => at, remember: (now) => (at = now), known: () => at };
}

function auto(
  more: SimulatorOptions & { readonly connection?: Partial<ConnectOptions> } = {},
): Promise<Stage> {
  return stage({ ...more, connection: { api: 'auto', ...more.connection } });
}

const fault = (text: string) => parseFault(`${text},path=/api/v2/users/*`);

/** Changes of three flags, which are written to in parallel. */
const changes = ['alice', 'bob', 'carol', 'dave'].flatMap((user) => [
  change('theme', user, 1),
  change('checkout-v2', user, 1),
  change('kill-switch-payments', user, 1),
]);
const written = changes.map(() => 'applied written');

/** How a removed route may refuse a request. */
const REFUSALS: readonly (readonly [string, SimulatorOptions])[] = [
  ['404', { userRoutes: false }],
  ['404, with little budget', { userRoutes: false, limits: { route: 4, global: 100 } }],
  ...['status=404', 'status=405', 'status=410', 'api-version=400', 'api-version=406'].map(
    (text): readonly [string, SimulatorOptions] => [text, { faults: [fault(text)] }],
  ),
];

describe('api: auto', () => {
  test('api: auto uses the user route while it is served', async () => {
    const known = memory();
    const { simulator, apply } = await auto({ connection: { userRoute: known } });
    expect(ends(await apply(changes))).toEqual(written);
    expect(new Set(sent(simulator))).toEqual(new Set(['users 204']));
    expect(known.known()).toBeUndefined();
  });

  test.each(REFUSALS)(
    'api: auto writes everything through the successor if the route is gone (%s)',
    async (_, more) => {
      const known = memory();
      const clock = skippingClock();
      const connection = { userRoute: known, clock };
      const { simulator, writer, apply } = await auto({ ...more, clock, connection });
      const outcomes = await apply(changes);
      expect(ends(outcomes)).toEqual(written);
      // However many writes are sent at the same time, only one uses the removed route.
      expect(count(simulator, 'users')).toBe(1);
      expect(count(simulator, 'contexts 204')).toBe(changes.length);
      expect(count(simulator, 'contexts 429')).toBe(0);
      expect(known.known()).toBeGreaterThan(clock.now() - HOUR);
      expect(
        (await verify({ outcomes, dates: [] }, { reader: writer, clock })).verification.mismatches,
      ).toEqual([]);
    },
  );

  test('api: auto removes overrides through the successor too, with the comment', async () => {
    const { simulator, apply } = await auto({ userRoutes: false });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    expect(ends(await apply([change('theme', 'alice', null, { before: 1 })]))).toEqual(['applied written']);
    expect(simulator.requests.at(-1)?.body).toEqual({ setting: null, comment: 'for alice' });
    expect(simulator.targets('storefront', 'production', 'theme')).toEqual([]);
  });

  test('api: auto switches in the middle of a run without losing a change', async () => {
    const { simulator, apply } = await auto();
    const outcomes = await apply(changes, {
      onProgress: ({ done }) => {
        if (done === 5) simulator.served = { users: false };
      },
    });
    expect(ends(outcomes)).toEqual(written);
    // Only the writes that were in flight at that moment were refused.
    expect(sent(simulator).filter((one) => one === 'users 404').length).toBeLessThanOrEqual(3);
  });

  test('api: auto with writes: auto switches for single PUTs', async () => {
    const { simulator, apply, named } = await batchStage(
      { userRoutes: false, connection: { api: 'auto' } },
      { writes: { mode: 'auto', values: 500 } },
    );
    const mixed = [named('theme', 'alice', 1), named('checkout-v2', 'alice', 1), named('theme', 'bob', 1)];
    expect(ends(await apply(mixed))).toEqual(mixed.map(() => 'applied written'));
    expect(sent(simulator).toSorted()).toEqual(['contexts 204', 'flag 200', 'users 404']);
  });

  test('api: auto retries writes that conflict or fail on the successor', async () => {
    const { simulator, apply } = await auto({
      userRoutes: false,
      faults: [
        parseFault('conflict,once,path=*/contexts/*'),
        parseFault('status=503,every=3,path=*/contexts/*'),
      ],
    });
    expect(ends(await apply(changes))).toEqual(written);
    expect(count(simulator, 'users')).toBeLessThanOrEqual(2);
  });
});

describe('api: auto with other refusals', () => {
  test('api: auto reports a deleted flag, and does not take it as a sign of a removed route', async () => {
    const known = memory();
    const { simulator, apply } = await auto({ connection: { userRoute: known } });
    simulator.deleteFlag('storefront', 'theme');
    const outcomes = await apply(changes);
    expect(ends(outcomes).toSorted()).toEqual([
      ...Array.from({ length: 8 }, () => 'applied written'),
      ...Array.from({ length: 4 }, () => 'skipped flag-deleted'),
    ]);
    expect(sent(simulator).filter((one) => one.endsWith('404'))).toEqual(['users 404', 'contexts 404']);
    expect(count(simulator, 'users 204')).toBe(8);
    expect(known.known()).toBeUndefined();
  });

  test('api: auto detects a removed route although a flag was deleted', async () => {
    const { simulator, apply } = await auto({ userRoutes: false });
    simulator.deleteFlag('storefront', 'theme');
    const outcomes = await apply(changes);
    expect(ends(outcomes).filter((end) => end === 'applied written')).toHaveLength(8);
    expect(count(simulator, 'users')).toBeLessThanOrEqual(2);
  });

  test('api: auto does not take a required approval as a sign of a removed route', async () => {
    const seed = storefrontSeed({ environments: { production: { requireApprovals: true } } });
    const known = memory();
    const served = await auto({ seed, connection: { userRoute: known } });
    expect(new Set(ends(await served.apply(changes)))).toEqual(
      new Set(['approval-required approval-required']),
    );
    expect(count(served.simulator, 'contexts')).toBe(0);
    const gone = await auto({ seed, userRoutes: false, connection: { userRoute: known } });
    expect(new Set(ends(await gone.apply(changes)))).toEqual(
      new Set(['approval-required approval-required']),
    );
    expect(known.known()).toBeUndefined();
  });

  test('api: auto reports what the successor answers', async () => {
    const { simulator, writer } = await auto();
    const scope = { project: 'storefront', environment: 'production' };
    const put = writer.putSetting(
      scope,
      { flag: 'nothing', kind: 'user', key: 'alice' },
      true,
      '',
      new Delivery(),
    );
    await expect(put).rejects.toMatchObject({
      status: 404,
      message: expect.stringMatching(/\/contexts\/user\/alice\/flags\/nothing: There is no flag .*nothing/),
    });
    expect(sent(simulator)).toEqual(['users 404', 'contexts 404']);
  });

  test.each(['auto', 'contexts'] as const)(
    'api: %s reports the 405 of the successor, which is a required approval only if it mentions one',
    async (api) => {
      const { apply } = await auto({ faults: [parseFault('status=405,method=PUT')], connection: { api } });
      const [outcome] = await apply([change('theme', 'alice', 1)]);
      expect(outcome).toMatchObject({ status: 'failed', reason: 'refused' });
      expect(outcome?.message).toMatch(/ answered 405 .*\/contexts\/user\/alice\/flags\/theme: .*method/);
    },
  );

  test('api: auto sends few extra requests for hundreds of refusals, and uses the route again afterwards', async () => {
    const { simulator, writer } = await auto();
    const scope = { project: 'storefront', environment: 'production' };
    const put = (flag: string) =>
      writer.putSetting(scope, { flag, kind: 'user', key: 'alice' }, 'dark', '', new Delivery());
    const refused = await Promise.allSettled(
      Array.from({ length: 300 }, (_, index) => put(`nothing-${index}`)),
    );
    expect(refused.filter(({ status }) => status === 'rejected')).toHaveLength(300);
    expect(simulator.requests.length).toBeLessThan(315);
    for (let more = 0; more <= 64; more += 1) await put('theme');
    expect(sent(simulator).at(-1)).toBe('users 204');
  });
});

describe('the memory of a removed route', () => {
  const now = Date.UTC(2026, 0, 2);

  /** A clock that starts at a given time and skips waiting. */
  function clockAt(start: number): Clock & { readonly pass: (ms: number) => void } {
    let time = start;
    const pass = (ms: number): void => {
      time += Math.max(0, ms);
    };
    return { now: () => time, sleep: async (ms) => pass(ms), random: () => 0.5, pass };
  }

  test('the memory that the user route is gone lasts for 24 hours, and is shared between processes', async () => {
    for (const [age, asked] of [
      [0, 0],
      [24 * HOUR - 60_000, 0],
      [24 * HOUR, 1],
      // Remembered by a clock that was ahead.
      [-60_000, 1],
    ] as const) {
      const known = memory(now - age);
      const { simulator, apply } = await auto({
        userRoutes: false,
        connection: { userRoute: known, clock: clockAt(now) },
      });
      expect(ends(await apply(changes))).toEqual(written);
      expect([age, count(simulator, 'users')]).toEqual([age, asked]);
      expect((known.known() ?? 0) >= now).toBe(asked === 1 || age <= 0);
    }
  });

  test('the memory that the user route is gone expires after 24 hours within a run', async () => {
    const clock = clockAt(now);
    const { simulator, apply } = await auto({
      userRoutes: false,
      connection: { clock, timeouts: { attempt: 5000, run: 48 * HOUR } },
    });
    await apply([change('theme', 'alice', 1)]);
    simulator.served = { users: true };
    await apply([change('theme', 'bob', 1)]);
    clock.pass(24 * HOUR);
    await apply([change('theme', 'carol', 1)]);
    expect(sent(simulator)).toEqual(['users 404', 'contexts 204', 'contexts 204', 'users 204']);
  });

  test('two processes that share no memory each learn that the user route is gone', async () => {
    const { simulator } = await auto({ userRoutes: false });
    const url = `http://127.0.0.1:${simulator.port}`;
    const [one, other] = [0, 1].map(() =>
      applyWith(connectWriter(options(url, { token: 'api-writer', api: 'auto' }))),
    );
    // Like shards, they never write to one flag at the same time.
    const halves = [true, false].map((is) => changes.filter(({ flag }) => (flag === 'theme') === is));
    const outcomes = await Promise.all([one?.(halves[0] ?? []), other?.(halves[1] ?? [])]);
    expect(ends(outcomes.flatMap((part) => part ?? []))).toEqual(written);
    expect(count(simulator, 'users')).toBe(2);
  });
});

describe('api: users', () => {
  test.each(REFUSALS)(
    'api: users gives one error that says what to configure if the route is gone (%s)',
    async (_, more) => {
      const { simulator, apply } = await stage(more);
      const outcomes = await apply([...changes, change('theme', 'acme', 1, { kind: 'organization' })]);
      const failed = outcomes.filter(({ status }) => status === 'failed');
      expect(ends(failed)).toEqual(['failed route-removed']);
      expect(failed[0]?.message).toMatch(/no longer serves .*\/users\/.* api: auto .*api: contexts/);
      expect(ends(outcomes).filter((end) => end === 'skipped stopped')).toHaveLength(changes.length);
      expect(count(simulator, 'users')).toBe(1);
      expect(count(simulator, 'contexts')).toBe(0);
    },
  );

  test('api: users distinguishes a deleted or archived flag from a removed route', async () => {
    const { simulator, apply } = await stage();
    simulator.deleteFlag('storefront', 'theme');
    simulator.archiveFlag('storefront', 'checkout-v2');
    simulator.faults.add(parseFault('status=404,path=/api/v2/users/*/checkout-v2'));
    const outcomes = await apply(changes);
    expect(new Set(ends(outcomes))).toEqual(
      new Set(['applied written', 'skipped flag-deleted', 'skipped flag-archived']),
    );
    expect(count(simulator, 'contexts')).toBe(0);
  });

  test.each(['..', 'a/b', '50%'])(
    'api: users does not blame the route for a 404 to the key %s',
    async (key) => {
      const { apply } = await stage({ faults: [parseFault('status=404,once')] });
      const outcomes = await apply([change('theme', key, 1), change('checkout-v2', 'bob', 1)]);
      expect(ends(outcomes)).toEqual(['failed refused', 'applied written']);
    },
  );

  test('api: users takes a 405 that mentions approval as a required approval', async () => {
    const seed = storefrontSeed({ environments: { production: { requireApprovals: true } } });
    const { apply } = await stage({ seed });
    expect(new Set(ends(await apply(changes)))).toEqual(new Set(['approval-required approval-required']));
  });
});

test('api: contexts never uses the user route, and learns nothing about it', async () => {
  const known = memory(Date.now());
  const { simulator, apply } = await stage({ connection: { api: 'contexts', userRoute: known } });
  expect(ends(await apply(changes))).toEqual(written);
  expect(new Set(sent(simulator))).toEqual(new Set(['contexts 204']));
});
