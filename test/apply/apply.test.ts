import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { skippingClock } from '../launchdarkly/server.js';
import { change, ends, stage } from './setup.js';

describe('PUTs', () => {
  test('apply adds, updates and removes overrides, each with its comment', async () => {
    const { simulator, apply } = await stage();
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'bob', variation: 0 });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'carol', variation: 2 });
    const outcomes = await apply([
      change('theme', 'alice', 1),
      change('theme', 'bob', 1, { before: 0 }),
      change('theme', 'carol', null, { before: 2 }),
      change('theme', 'acme', 2, { kind: 'organization' }),
    ]);
    expect(ends(outcomes)).toEqual(Array.from({ length: 4 }, () => 'applied written'));
    expect(simulator.targets('storefront', 'production', 'theme')).toEqual(
      expect.arrayContaining([
        { kind: 'user', key: 'alice', variation: 1, value: 'dark' },
        { kind: 'user', key: 'bob', variation: 1, value: 'dark' },
        { kind: 'organization', key: 'acme', variation: 2, value: 'contrast' },
      ]),
    );
    expect(simulator.targets('storefront', 'production', 'theme')).toHaveLength(3);
    expect(
      simulator
        .auditLog()
        .map(({ comment }) => comment)
        .filter((comment) => comment !== undefined && comment !== ''),
    ).toEqual(['for alice', 'for bob', 'for carol', 'for acme']);
  });

  test('apply gives one outcome for each change, in the order of the plan', async () => {
    const { apply } = await stage();
    const changes = ['checkout-v2', 'theme', 'kill-switch-payments'].flatMap((flag) =>
      ['a', 'b', 'c'].map((key) => change(flag, key, 1)),
    );
    const seen: number[] = [];
    const outcomes = await apply(changes, { onProgress: ({ done }) => seen.push(done) });
    expect(outcomes.map((outcome) => outcome.change)).toEqual(changes);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('apply sends one write at a time to a flag in an environment', async () => {
    // The simulator answers 409 if two overlap.
    const { simulator, apply } = await stage({ writeDuration: 5 });
    const changes = ['production', 'staging'].flatMap((environment) =>
      ['theme', 'checkout-v2'].flatMap((flag) =>
        Array.from({ length: 6 }, (_, index) => change(flag, `user-${index}`, 1, { environment })),
      ),
    );
    await apply(changes);
    expect(simulator.requests.map(({ status }) => status)).toEqual(changes.map(() => 204));
  });

  test.each([1, 2, 5])(
    'apply writes to %i flags at the same time, if the plan has as many',
    async (concurrency) => {
      const { apply, writer } = await stage();
      let inFlight = 0;
      let most = 0;
      const changes = ['production', 'staging'].flatMap((environment) =>
        ['theme', 'checkout-v2', 'kill-switch-payments'].flatMap((flag) =>
          ['alice', 'bob'].map((key) => change(flag, key, 1, { environment })),
        ),
      );
      await apply(changes, {
        concurrency,
        writer: {
          ...writer,
          putSetting: async () => {
            inFlight += 1;
            most = Math.max(most, inFlight);
            await setImmediate();
            inFlight -= 1;
          },
        },
      });
      expect(most).toBe(concurrency);
    },
  );

  test('apply keeps the order of the plan within a flag', async () => {
    const { simulator, apply } = await stage();
    const keys = ['z', 'a', 'm', 'b'];
    await apply(keys.map((key) => change('theme', key, 1)));
    expect(simulator.requests.map(({ path }) => path.split('/')[6])).toEqual(keys);
  });

  test('apply sends nothing for a withheld change', async () => {
    const { simulator, apply } = await stage();
    const outcomes = await apply([change('theme', 'alice', 1, { withheld: 'paused' })]);
    expect(ends(outcomes)).toEqual(['skipped withheld']);
    expect(outcomes[0]?.message).toBe('withheld (paused)');
    expect(simulator.requests).toEqual([]);
  });

  test('apply fails a change to a variation whose value is null instead of removing the override', async () => {
    const { simulator, apply } = await stage();
    const outcomes = await apply([change('recommendation-model', 'alice', 0, { before: 3 })]);
    expect(ends(outcomes)).toEqual(['failed not-settable']);
    expect(simulator.requests).toEqual([]);
  });

  test('apply makes the other changes if one is refused', async () => {
    const { simulator, apply } = await stage();
    const wrong = { ...change('theme', 'bob', 1), after: { variation: 1, value: 'no such value' } };
    const outcomes = await apply([change('theme', 'alice', 1), wrong, change('theme', 'carol', 1)]);
    expect(ends(outcomes)).toEqual(['applied written', 'failed refused', 'applied written']);
    for (const outcome of outcomes) expect(outcome).not.toHaveProperty('unanswered');
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'carol')).toBe(1);
  });
});

describe('flags that changed since the plan', () => {
  test('a flag that was archived since the plan skips its changes after one request, and no others', async () => {
    const { simulator, apply } = await stage();
    simulator.archiveFlag('storefront', 'theme');
    const outcomes = await apply([
      change('checkout-v2', 'alice', 1),
      change('theme', 'alice', 1),
      change('theme', 'bob', 1),
    ]);
    expect(ends(outcomes)).toEqual(['applied written', 'skipped flag-archived', 'skipped flag-archived']);
    expect(
      simulator.requests.filter(({ method, path }) => method === 'PUT' && path.includes('theme')),
    ).toHaveLength(1);
  });

  test('a flag that was deleted since the plan skips its changes, and no others', async () => {
    const { simulator, apply } = await stage();
    simulator.deleteFlag('storefront', 'theme');
    const outcomes = await apply([change('theme', 'alice', 1), change('checkout-v2', 'alice', 1)]);
    expect(ends(outcomes)).toEqual(['skipped flag-deleted', 'applied written']);
  });
});

describe('conflicts', () => {
  const conflict = { effect: { kind: 'conflict' }, when: 'once', method: 'PUT' } as const;

  test('a PUT that conflicts with another write is sent again after reading the flag', async () => {
    const { simulator, apply } = await stage({ faults: [conflict] });
    expect(ends(await apply([change('theme', 'alice', 1)]))).toEqual(['applied written']);
    expect(simulator.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'PUT 409',
      'GET 200',
      'PUT 204',
    ]);
  });

  test('a PUT that conflicts with another write is not sent again if that made the same change', async () => {
    const { simulator, apply } = await stage({ faults: [conflict] });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    expect(ends(await apply([change('theme', 'alice', 1)]))).toEqual(['applied already-live']);
    expect(simulator.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  test('a PUT that conflicts with another write overwrites what that set, unless the plan must be applied exactly', async () => {
    for (const [strict, end, variation] of [
      [false, 'applied written', 1],
      [true, 'skipped live-moved', 2],
    ] as const) {
      const { simulator, apply } = await stage({ faults: [conflict] });
      simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 2 });
      expect(ends(await apply([change('theme', 'alice', 1, { before: 0 })], { strict }))).toEqual([end]);
      expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice')).toBe(variation);
    }
  });

  test('a PUT that conflicts every time fails, and other flags are not affected', async () => {
    const always = { ...conflict, when: 'always', path: '*theme' } as const;
    const { apply } = await stage({ faults: [always] });
    const outcomes = await apply([change('theme', 'alice', 1), change('checkout-v2', 'alice', 1)]);
    expect(ends(outcomes)).toEqual(['failed conflict', 'applied written']);
  });
});

describe('missing responses', () => {
  test('a PUT is sent again after the connection was reset, since writes are idempotent', async () => {
    const { simulator, apply } = await stage({
      faults: [{ effect: { kind: 'reset-after' }, when: 'once', method: 'PUT' }],
    });
    const outcomes = await apply([change('theme', 'alice', 1)]);
    expect(ends(outcomes)).toEqual(['applied written']);
    // The first attempt may still take effect.
    expect(outcomes[0]?.unanswered).toBe(true);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice')).toBe(1);
    expect(simulator.auditLog().filter(({ comment }) => comment === 'for alice')).toHaveLength(1);
  });

  test('a few unknown outcomes in a row stop the run', async () => {
    const { simulator, apply } = await stage({
      faults: [{ effect: { kind: 'reset-after' }, when: 'always' }],
    });
    const seen: number[] = [];
    const outcomes = await apply(
      Array.from({ length: 50 }, (_, index) => change('theme', `u${index}`, 1)),
      { onProgress: ({ unknown }) => seen.push(unknown) },
    );
    expect(ends(outcomes).slice(0, 5)).toEqual([
      ...Array.from({ length: 4 }, () => 'unknown lookup-failed'),
      'skipped stopped',
    ]);
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(simulator.targets('storefront', 'production', 'theme')).toHaveLength(4);
  });

  test('a lost answer names what is live instead, and that the request may still take effect', async () => {
    const { simulator, apply } = await stage({
      faults: [{ effect: { kind: 'status', status: 503 }, when: 'always', method: 'PUT' }],
    });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 2 });
    const [outcome] = await apply([change('theme', 'alice', 1, { before: 2 })]);
    expect(outcome).toMatchObject({ status: 'failed', reason: 'unavailable', unanswered: true });
    expect(outcome?.message).toMatch(
      /; an answer was lost; the live value is "contrast", but that request may still take effect$/,
    );
  });

  test('a lost answer that is followed by a 409 is not attributed to another writer', async () => {
    const { simulator, apply } = await stage({
      faults: [
        { effect: { kind: 'reset-after' }, when: 'once', method: 'PUT' },
        { effect: { kind: 'conflict' }, when: { every: 2 }, method: 'PUT' },
      ],
    });
    const outcomes = await apply([change('theme', 'alice', 1)]);
    expect(ends(outcomes)).toEqual(['applied found-live']);
    expect(simulator.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'PUT 0',
      'PUT 409',
      'GET 200',
    ]);
  });

  test('a lookup is retried while the run goes on', async () => {
    const { simulator, apply } = await stage({
      faults: [
        { effect: { kind: 'reset-after' }, when: 'always', method: 'PUT' },
        { effect: { kind: 'reset-before' }, when: 'once', method: 'GET' },
      ],
    });
    expect(ends(await apply([change('theme', 'alice', 1)]))).toEqual(['applied found-live']);
    expect(simulator.requests.filter(({ method }) => method === 'GET')).toHaveLength(2);
  });

  test('a few server errors in a row stop the run', async () => {
    const { simulator, apply } = await stage({
      faults: [{ effect: { kind: 'status', status: 503 }, when: 'always', method: 'PUT' }],
    });
    const outcomes = await apply(Array.from({ length: 50 }, (_, index) => change('theme', `u${index}`, 1)));
    expect(new Set(ends(outcomes))).toEqual(new Set(['failed unavailable', 'skipped stopped']));
    expect(outcomes).toHaveLength(50);
    expect(simulator.requests.length).toBeLessThan(30);
  });
});

describe('errors in flagops itself', () => {
  test('progress that cannot be shown does not end an apply', async () => {
    const { apply } = await stage();
    const outcomes = await apply([change('theme', 'alice', 1), change('theme', 'bob', 1)], {
      onProgress: () => {
        throw new Error('the terminal is gone');
      },
    });
    expect(ends(outcomes)).toEqual(['applied written', 'applied written']);
  });

  test.each([
    [new Error('no timer'), 'no timer'],
    ['a text', 'a text'],
  ])('an error between two attempts (%s) leaves the outcome unknown', async (cause, text) => {
    const { apply } = await stage({
      faults: [{ effect: { kind: 'conflict' }, when: 'once', method: 'PUT' }],
    });
    const clock = { ...skippingClock(), sleep: () => Promise.reject(cause) };
    const outcomes = await apply([change('theme', 'alice', 1)], { clock });
    expect(ends(outcomes)).toEqual(['unknown unexpected-after-write']);
    expect(outcomes).toMatchObject([{ message: `unexpected: ${text}`, cause, unanswered: true }]);
  });

  test('an error while a lost answer is looked up leaves the outcome unknown, and every change has one', async () => {
    const { apply, writer } = await stage({
      faults: [{ effect: { kind: 'reset-before' }, when: 'always', method: 'PUT', path: '*theme' }],
    });
    const outcomes = await apply([change('theme', 'alice', 1), change('checkout-v2', 'bob', 1)], {
      writer: {
        ...writer,
        // A flag without environments, which no client returns.
        lookUpFlag: () => Promise.resolve({} as never),
      },
    });
    expect(ends(outcomes)).toEqual(['unknown unexpected-after-write', 'applied written']);
  });
});
