import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../src/reconcile/fingerprint.js';
import { type Change, hasChanges, type Plan } from '../../src/reconcile/plan.js';
import { expiryChange } from '../support/dates.js';
import { changesOf, compared, NO_FILTER, planned, type World } from './world.js';

describe('declared overrides', () => {
  it.each([
    ['is added if it is not live', {}, ['add f user a ->0 unknown']],
    ['is updated if another variation is live', { 'f user a': 1 }, ['update f user a 1>0 unknown']],
    ['is left alone if it is already live', { 'f user a': 0 }, []],
  ])('a declared override %s', (_name, live, expected) => {
    expect(changesOf({ desired: { 'f user a': true }, live })).toEqual(expected);
  });

  it('a declared override set to null is removed in every prune mode, even if it was set elsewhere, and is not owned', () => {
    for (const prune of ['never', 'owned', 'contexts', 'environment'] as const) {
      const world = { desired: { 'f user a': null }, live: { 'f user a': 1 }, policy: { prune } };
      expect(changesOf(world)).toEqual(['remove f user a 1>- unknown']);
    }
    expect(changesOf({ applied: { 'f user a': null }, live: { 'f user a': 1 } })).toEqual([]);
    expect(planned({ desired: { 'f user a': null } }).scopes[0]).toMatchObject({ unchanged: 1, adopts: 0 });
  });

  it('a declared override selects a variation by deeply equal JSON, by index or by name', () => {
    const flags = { j: { values: [{ a: 1, b: [0] }, { a: 2 }, null, 'x', 'x'] } };
    const world = (setting: NonNullable<World['desired']>[string]): World => ({
      flags,
      desired: { 'j user a': setting },
      live: { 'j user a': 1 },
    });
    expect(changesOf(world({ type: 'value', value: { b: [-0], a: 1 } }))).toEqual([
      'update j user a 1>0 unknown',
    ]);
    expect(changesOf(world({ type: 'variation', variation: 1 }))).toEqual([]);
    expect(changesOf(world({ type: 'variation', variation: 'name-0' }))).toEqual([
      'update j user a 1>0 unknown',
    ]);
    const codes = (setting: NonNullable<World['desired']>[string]): string[] =>
      compared(world(setting)).diagnostics.map(({ code }) => code);
    expect(codes('x')).toEqual(['variation-ambiguous']);
    expect(codes('y')).toEqual(['variation-unknown']);
    expect(codes({ type: 'variation', variation: 5 })).toEqual(['variation-unknown']);
    expect(codes({ type: 'variation', variation: 2 })).toEqual(['variation-not-settable']);
    expect(codes({ type: 'variation', variation: 3 })).toEqual(['variation-not-settable']);
  });

  it('a declared override may select a variation that no PUT can select, if it is already live', () => {
    const flags = { j: { values: [null, 'x', 'x'] } };
    for (const variation of [0, 1, 2]) {
      const desired = { 'j user a': { type: 'variation' as const, variation } };
      expect(compared({ flags, desired, live: { 'j user a': variation } }).diagnostics).toEqual([]);
    }
  });

  it('a problem of several declared overrides is reported once, at the first position, with a suggestion', () => {
    const desired = Object.fromEntries(['a', 'b', 'c'].map((key) => [`them user ${key}`, 'dark']));
    expect(compared({ desired }).diagnostics).toEqual([
      {
        severity: 'error',
        code: 'flag-unknown',
        message: 'the project shop has no flag them (and 2 more)',
        hint: 'did you mean theme?',
        at: { file: 'a.yaml', line: 1, col: 1 },
      },
    ]);
  });

  it('a declared override of an archived flag or an unknown context kind is an error', () => {
    const flags = { f: { state: 'archived' as const } };
    expect(compared({ flags, desired: { 'f user a': true } }).diagnostics[0]?.code).toBe('flag-archived');
    const kinds = ['user', 'device'];
    expect(compared({ kinds, desired: { 'f device a': true } }).diagnostics).toEqual([]);
    expect(compared({ kinds, desired: { 'f devise a': true } }).diagnostics[0]).toMatchObject({
      code: 'kind-unknown',
      hint: 'did you mean device?',
    });
  });
});

describe('expired overrides', () => {
  const world: World = {
    desired: { 'f user a': true },
    expires: { 'f user a': 1000 },
    policy: { prune: 'never' },
  };

  it('an expired override is no longer desired from the instant at which it expires', () => {
    expect(changesOf({ ...world, now: 999 })).toEqual(['add f user a ->0 unknown']);
    expect(changesOf({ ...world, now: 1000 })).toEqual([]);
  });

  it('an expired override is removed in every prune mode if its value is live, and left alone if another value is live', () => {
    expect(changesOf({ ...world, live: { 'f user a': 0 }, now: 1000 })).toEqual([
      'remove f user a 0>- expired',
    ]);
    expect(changesOf({ ...world, live: { 'f user a': 1 }, now: 1000 })).toEqual([]);
    const owned = { ...world, live: { 'f user a': 1 }, applied: { 'f user a': true }, policy: {} };
    expect(changesOf({ ...owned, now: 1000 })).toEqual([]);
  });

  it('an expired override that is live with another value is removed only by prune modes that need no ownership', () => {
    const live = { 'f user a': 1 };
    expect(changesOf({ ...world, live, now: 1000, policy: { prune: 'contexts' } })).toHaveLength(1);
    expect(changesOf({ ...world, live, now: 1000, policy: { prune: 'environment' } })).toHaveLength(1);
  });

  it('an expired override of a flag that no longer exists is not an error', () => {
    const gone = { desired: { 'old user a': true }, expires: { 'old user a': 0 } };
    expect(compared(gone).diagnostics).toEqual([]);
  });
});

describe('marks', () => {
  it.each<[string, World, string]>([
    [
      'is drift if live moved away from what was applied',
      { desired: { 'f user a': true }, applied: { 'f user a': true } },
      'add f user a ->0 drift',
    ],
    [
      'is pending if the declaration changed',
      { desired: { 'f user a': false }, applied: { 'f user a': true }, live: { 'f user a': 0 } },
      'update f user a 0>1 pending',
    ],
    [
      'is pending and moved if both the declaration and live changed',
      { desired: { 'f user a': false }, applied: { 'f user a': true } },
      'add f user a ->1 pending moved',
    ],
    [
      'is pending for a new declaration',
      { desired: { 'f user a': false }, applied: {} },
      'add f user a ->1 pending',
    ],
    [
      'is pending for a declaration that was removed',
      { applied: { 'f user a': true }, live: { 'f user a': 0 } },
      'remove f user a 0>- pending',
    ],
    [
      'is pending and moved if the declaration was removed and live changed',
      { applied: { 'f user a': true }, live: { 'f user a': 1 } },
      'remove f user a 1>- pending moved',
    ],
    [
      'is drift if null was applied and something is live',
      { desired: { 'f user a': null }, applied: { 'f user a': null }, live: { 'f user a': 1 } },
      'remove f user a 1>- drift',
    ],
    [
      'is unmanaged for an override that was set elsewhere and never declared',
      { applied: {}, live: { 'f user a': 1 }, policy: { prune: 'environment' } },
      'remove f user a 1>- unmanaged',
    ],
    [
      'is drift if null was applied and is no longer declared',
      { applied: { 'f user a': null }, live: { 'f user a': 1 }, policy: { prune: 'environment' } },
      'remove f user a 1>- drift',
    ],
    [
      'is pending for an override that was declared since last-applied',
      { applied: {}, since: ['f user a'], live: { 'f user a': 1 } },
      'remove f user a 1>- pending',
    ],
    [
      'is unknown without a last-applied ref',
      { since: ['f user a'], live: { 'f user a': 1 } },
      'remove f user a 1>- unknown',
    ],
  ])('the mark of a change %s', (_name, world, expected) => {
    expect(changesOf(world)).toEqual([expected]);
  });
});

describe('ownership', () => {
  const live = { 'f user a': 0, 'f user b': 0, 'f user c': 0, 'theme user a': 1, 'f device d': 0 };
  const world: World = {
    live,
    desired: { 'theme user a': 'dark' },
    applied: { 'f user b': false },
    since: ['f user c'],
  };

  it.each([
    ['never', []],
    ['owned', ['b', 'c']],
    ['contexts', ['a', 'b', 'c']],
    ['environment', ['d', 'a', 'b', 'c']],
  ] as const)('a plan with prune: %s removes the overrides of %j', (prune, keys) => {
    const plan = planned({ ...world, policy: { prune } });
    expect(plan.changes.map(({ key }) => key)).toEqual(keys);
    expect(plan.changes.every(({ action }) => action === 'remove')).toBe(true);
    expect(plan.scopes[0]?.unmanaged['f'] ?? 0).toBe(4 - keys.length);
  });

  it('a plan counts overrides that were declared and are now excluded as released, and leaves them', () => {
    const policy = { flags: { include: ['*'], exclude: ['f'] }, prune: 'environment' as const };
    const plan = planned({ ...world, policy });
    expect(plan.changes).toEqual([]);
    expect(plan.scopes[0]).toMatchObject({ released: 1, unmanaged: {} });
  });

  it('a plan counts overrides that are live as declared and were not ours as adopted', () => {
    expect(planned(world).scopes[0]).toMatchObject({ unchanged: 1, adopts: 1 });
    expect(planned({ ...world, applied: { 'theme user a': 'light' } }).scopes[0]).toMatchObject({
      adopts: 0,
    });
  });

  it('a plan counts unmanaged overrides of a flag with any name', () => {
    const flags = { ['__proto__']: {}, constructor: {} };
    const plan = planned({ flags: { ...flags }, live: { 'constructor user a': 0 } });
    expect(plan.scopes[0]?.unmanaged).toEqual({ constructor: 1 });
  });
});

describe('withheld changes', () => {
  const world: World = {
    applied: { 'f user a': true },
    desired: { 'f user a': true, 'f user b': true, 'theme user c': null },
    live: { 'theme user c': 0 },
  };

  it.each([
    [{ policy: { paused: 'freeze' } }, ['paused', 'paused', 'paused']],
    [{ policy: { drift: 'report' as const } }, ['drift-report', undefined, undefined]],
    [{ noRemovals: true }, [undefined, undefined, 'no-removals']],
  ])('withheld changes with %j are in the plan, but not in the estimate', (options, expected) => {
    const plan = planned({ ...world, ...options });
    expect(plan.changes.map(({ withheld }) => withheld)).toEqual(expected);
    expect(plan.estimate.requests).toBe(expected.filter((reason) => reason === undefined).length);
  });
});

describe('filters', () => {
  const desired = { 'f user a': true, 'f user b:c': true, 'theme device a': 'dark' };

  it.each([
    [{ flags: ['th*'] }, 1],
    [{ contexts: ['a'] }, 1],
    [{ contexts: ['*:a'] }, 2],
    [{ contexts: ['user:b:c'] }, 1],
    [{ flags: ['other'] }, 0],
    [{ flags: ['f'], contexts: ['b:c'] }, 0],
    [{ flags: ['f'], contexts: ['*'] }, 2],
  ])('filters with %j leave %d changes', (filter, count) => {
    const plan = planned({ desired, plan: { filter: { ...NO_FILTER, ...filter } } });
    expect(plan.changes).toHaveLength(count);
    expect(plan.filtered).toBe(3 - count);
  });
});

describe('fingerprints', () => {
  const make = (): Plan =>
    planned({ desired: { 'f user a': true, 'theme user b': 'dark' }, live: { 'f user a': 1 } });
  /** The fingerprint of the plan with another first change. */
  const withFirst = ({ baseUrl, changes }: Plan, part: Partial<Change>): string =>
    fingerprintOf(
      baseUrl,
      changes.map((change, index) => (index === 0 ? { ...change, ...part } : change)),
      [],
    );

  it('the fingerprint of a plan is 64 hexadecimal digits and does not depend on the order of changes', () => {
    const plan = make();
    expect(plan.fingerprint).toMatch(/^[0-9a-f]{64}$/);
    expect(fingerprintOf(plan.baseUrl, plan.changes.toReversed(), [])).toBe(plan.fingerprint);
  });

  it.each<[string, Partial<Change>]>([
    ['project', { project: 'x' }],
    ['environment', { environment: 'x' }],
    ['flag', { flag: 'x' }],
    ['kind', { kind: 'x' }],
    ['key', { key: 'x' }],
    ['action', { action: 'add' }],
    ['before', { before: null }],
    ['value before', { before: { variation: 1, value: 'x' } }],
    ['after', { after: { variation: 5, value: true } }],
  ])('the fingerprint of a plan changes with the %s of a change', (_name, part) => {
    const plan = make();
    expect(withFirst(plan, part)).not.toBe(plan.fingerprint);
  });

  it('the fingerprint of a plan changes with the host, but not with the path', () => {
    const plan = make();
    expect(fingerprintOf('https://app.eu.launchdarkly.com', plan.changes, [])).not.toBe(plan.fingerprint);
    expect(fingerprintOf('https://app.launchdarkly.com/', plan.changes, [])).toBe(plan.fingerprint);
  });

  it('the fingerprint of a plan does not change with any other part of a change', () => {
    const plan = make();
    const commit = { id: 'c'.repeat(40), subject: 's', author: 'a', date: 1 };
    const other: Partial<Change> = {
      at: undefined,
      provenance: { type: 'commit', commit },
      mark: 'drift',
      liveMoved: true,
      warnings: ['flag-off'],
      withheld: 'paused',
      owner: 'o',
      reason: 'r',
    };
    const before = { variation: 1, value: false, name: 'renamed', id: 'x' };
    expect(withFirst(plan, { ...other, before })).toBe(plan.fingerprint);
  });
});

it('a plan has changes if it changes an override or a date', () => {
  const { changes } = planned({ desired: { 'f user a': true } });
  const dates = changes.map((change) => expiryChange(change, null, 5000));
  expect(hasChanges({ changes, dates: [] })).toBe(true);
  expect(hasChanges({ changes: [], dates })).toBe(true);
  expect(hasChanges({ changes, dates })).toBe(true);
  expect(hasChanges({ changes: [], dates: [] })).toBe(false);
});
