import { describe, expect, test } from 'vitest';
import { change, ends, stage } from './setup.js';

describe('apply', () => {
  test('adds, updates and removes, each with its message', async () => {
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

  test('gives one outcome a change, in the order of the plan, however they end', async () => {
    const { apply } = await stage();
    const changes = ['checkout-v2', 'theme', 'kill-switch-payments'].flatMap((flag) =>
      ['a', 'b', 'c'].map((key) => change(flag, key, 1)),
    );
    const seen: number[] = [];
    const outcomes = await apply(changes, { onProgress: ({ done }) => seen.push(done) });
    expect(outcomes.map((outcome) => outcome.change)).toEqual(changes);
    expect(seen).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  test('never has two writes to one flag in one environment under way', async () => {
    // The simulator answers 409 where two overlap.
    const { simulator, apply } = await stage({ writeDuration: 5 });
    const changes = ['production', 'staging'].flatMap((environment) =>
      ['theme', 'checkout-v2'].flatMap((flag) =>
        Array.from({ length: 6 }, (_, index) => change(flag, `user-${index}`, 1, { environment })),
      ),
    );
    await apply(changes);
    expect(simulator.requests.map(({ status }) => status)).toEqual(changes.map(() => 204));
  });

  test('keeps the plan’s order within a flag', async () => {
    const { simulator, apply } = await stage();
    const keys = ['z', 'a', 'm', 'b'];
    await apply(keys.map((key) => change('theme', key, 1)));
    expect(simulator.requests.map(({ path }) => path.split('/')[6])).toEqual(keys);
  });

  test('sends nothing for what is withheld', async () => {
    const { simulator, apply } = await stage();
    const outcomes = await apply([change('theme', 'alice', 1, { withheld: 'paused' })]);
    expect(ends(outcomes)).toEqual(['skipped withheld']);
    expect(simulator.requests).toEqual([]);
  });

  test('does not take a null-valued variation for a removal', async () => {
    const { simulator, apply } = await stage();
    const outcomes = await apply([change('recommendation-model', 'alice', 0, { before: 3 })]);
    expect(ends(outcomes)).toEqual(['failed not-settable']);
    expect(simulator.requests).toEqual([]);
  });

  test('a change that is refused leaves the others alone', async () => {
    const { simulator, apply } = await stage();
    const wrong = { ...change('theme', 'bob', 1), after: { variation: 1, value: 'no such value' } };
    const outcomes = await apply([change('theme', 'alice', 1), wrong, change('theme', 'carol', 1)]);
    expect(ends(outcomes)).toEqual(['applied written', 'failed refused', 'applied written']);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'carol')).toBe(1);
  });
});

describe('what changed since the plan', () => {
  test('a flag archived meanwhile skips its own changes only, and asks once', async () => {
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

  test('a flag deleted meanwhile skips its own changes only', async () => {
    const { simulator, apply } = await stage();
    simulator.deleteFlag('storefront', 'theme');
    const outcomes = await apply([change('theme', 'alice', 1), change('checkout-v2', 'alice', 1)]);
    expect(ends(outcomes)).toEqual(['skipped flag-deleted', 'applied written']);
  });
});

describe('a concurrent write', () => {
  const conflict = { effect: { kind: 'conflict' }, when: 'once', method: 'PUT' } as const;

  test('is met by reading again and writing again', async () => {
    const { simulator, apply } = await stage({ faults: [conflict] });
    expect(ends(await apply([change('theme', 'alice', 1)]))).toEqual(['applied written']);
    expect(simulator.requests.map(({ method, status }) => `${method} ${status}`)).toEqual([
      'PUT 409',
      'GET 200',
      'PUT 204',
    ]);
  });

  test('that wrote the same is as good as ours', async () => {
    const { simulator, apply } = await stage({ faults: [conflict] });
    simulator.setTarget('storefront', 'production', 'theme', { kind: 'user', key: 'alice', variation: 1 });
    expect(ends(await apply([change('theme', 'alice', 1)]))).toEqual(['applied already-live']);
    expect(simulator.requests.filter(({ method }) => method === 'PUT')).toHaveLength(1);
  });

  test('that moved the override is overruled, unless exactly the plan was asked for', async () => {
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

  test('that never ends fails the change and no other', async () => {
    const always = { ...conflict, when: 'always', path: '*theme' } as const;
    const { apply } = await stage({ faults: [always] });
    const outcomes = await apply([change('theme', 'alice', 1), change('checkout-v2', 'alice', 1)]);
    expect(ends(outcomes)).toEqual(['failed conflict', 'applied written']);
  });
});

describe('an answer that is lost', () => {
  test('is asked for again, since a write twice is a write once', async () => {
    const { simulator, apply } = await stage({
      faults: [{ effect: { kind: 'reset-after' }, when: 'once', method: 'PUT' }],
    });
    expect(ends(await apply([change('theme', 'alice', 1)]))).toEqual(['applied written']);
    expect(simulator.variationOf('storefront', 'production', 'theme', 'user', 'alice')).toBe(1);
    expect(simulator.auditLog().filter(({ comment }) => comment === 'for alice')).toHaveLength(1);
  });

  test('a server that always fails ends the run after a few changes, not after all', async () => {
    const { simulator, apply } = await stage({
      faults: [{ effect: { kind: 'status', status: 503 }, when: 'always', method: 'PUT' }],
    });
    const outcomes = await apply(Array.from({ length: 50 }, (_, index) => change('theme', `u${index}`, 1)));
    expect(new Set(ends(outcomes))).toEqual(new Set(['failed unavailable', 'skipped stopped']));
    expect(outcomes).toHaveLength(50);
    expect(simulator.requests.length).toBeLessThan(30);
  });
});
