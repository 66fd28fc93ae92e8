import { describe, expect, it } from 'vitest';
import type { ExpiryChange } from '../../../src/reconcile/dates.js';
import { guardScope } from '../../../src/reconcile/guards/scope.js';
import type { ScopeGuardCode } from '../../../src/reconcile/guards/table.js';
import type { ManageMode } from '../../../src/reconcile/manage.js';
import type { DeclaredSetting, Setting } from '../../../src/reconcile/state.js';
import { planned, POLICY, SHOP, type World } from '../world.js';

const LIMITS = { updates: 0.3, removals: 0.3, floor: 10, changes: null };

/** `total` live overrides of ours, of which `update` are to be updated and `remove` to be removed. */
function world(total: number, { update = 0, remove = 0 }, rest: World = {}): World {
  const names = Array.from({ length: total }, (_, index) => `f user u${index}`);
  const desired = names.slice(remove).map((name, index): [string, boolean] => [name, index >= update]);
  return {
    live: Object.fromEntries(names.map((name) => [name, 0])),
    desired: Object.fromEntries(desired),
    applied: Object.fromEntries(names.map((name) => [name, true])),
    ...rest,
    policy: { limits: LIMITS, ...rest.policy },
  };
}

function refusals(given: World): string[] {
  return planned(given).guards.map(
    ({ code, message, lifted }) => `${code}${lifted ? ' lifted' : ''} ${message}`,
  );
}

/** For each guard, a world that this guard refuses and no other. */
const REFUSED: Readonly<Record<ScopeGuardCode, World>> = {
  updates: world(10, { update: 4 }),
  removals: world(10, { remove: 4 }),
  'none-left': { live: { 'f user a': 0 }, desired: { 'f user a': null }, applied: { 'f user a': true } },
  'empty-scope': { live: { 'f user a': 0 }, desired: {}, applied: { 'f user a': true } },
  changes: world(10, { update: 1 }, { policy: { limits: { ...LIMITS, changes: 0 } } }),
  'configuration-moved': { appliedPolicy: {}, moved: 'it was called something else' },
  protected: { desired: { 'f user a': true }, policy: { protect: { flags: ['f'], contexts: [] } } },
};

/** Ten live overrides of ours: four are removed, and five are handed over by the same commit. */
const handedOver = (given: { readonly before?: ManageMode; readonly now?: ManageMode }): World => {
  const { live = {}, applied = {} } = world(10, {});
  const setting = (manage: ManageMode): DeclaredSetting => ({ type: 'value', value: true, manage });
  const desired = Object.keys(applied).slice(4);
  return {
    live,
    applied: {
      ...applied,
      ...Object.fromEntries(desired.slice(1).map((name) => [name, setting(given.before ?? 'full')])),
    },
    desired: Object.fromEntries(
      desired.flatMap((name, index): [string, boolean | DeclaredSetting][] => {
        if (index === 0) return [[name, true]];
        return given.now === undefined ? [] : [[name, setting(given.now)]];
      }),
    ),
    policy: { limits: LIMITS },
  };
};

describe('the guards of a scope', () => {
  it.each(Object.entries(REFUSED))('the guard %s refuses what the others let pass', (code, refused) => {
    expect(planned(refused).guards.map((guard) => guard.code)).toEqual([code]);
  });

  it.each<[string, World]>([
    ['left alone', handedOver({ now: 'none' })],
    [
      'left alone in a scope with prune: environment',
      { ...handedOver({ now: 'none' }), policy: { limits: LIMITS, prune: 'environment' } },
    ],
    ['kept, and no longer declared', handedOver({ before: 'keep' })],
  ])('limits count what the same commit hands over: %s', (_, given) => {
    expect(refusals(given)).toEqual([
      'removals shop/production: 4 of 10 live overrides would be removed (40%, limit 30%)',
    ]);
  });

  /** Of five live overrides that are ours, four are removed; `more` adds five others, whose names start with `f device`. */
  const fewer = (count: number, more: (names: readonly string[]) => World): World => {
    const { live = {}, desired = {}, applied = {} } = world(5, { remove: 4 });
    const others = Array.from({ length: count }, (_, index) => `f device d${index}`);
    const added = more(others);
    return {
      ...added,
      live: { ...live, ...added.live },
      desired: { ...desired, ...added.desired },
      applied: { ...applied, ...added.applied },
      policy: { limits: LIMITS, ...added.policy },
    };
  };
  const each = <Value>(names: readonly string[], value: Value): Record<string, Value> =>
    Object.fromEntries(names.map((name) => [name, value]));
  const create = { type: 'value', value: true, manage: 'create' } as const;

  it.each<[string, World, readonly string[]]>([
    ['was never declared', fewer(5, (names) => ({ live: each(names, 0) })), []],
    [
      'expired and was changed elsewhere',
      fewer(5, (names) => ({
        live: each(names, 1),
        desired: each(names, true),
        applied: each(names, true),
        expires: each(names, 0),
      })),
      [],
    ],
    [
      'is left alone in an archived flag',
      fewer(5, (names) => {
        const old = names.map((name) => name.replace('f ', 'old '));
        return {
          flags: { f: {}, old: { state: 'archived' } },
          live: each(old, 0),
          desired: each(old, { ...create, manage: 'none' as const }),
          applied: each(old, true),
        };
      }),
      [],
    ],
    [
      'counts as live already, with prune: environment',
      fewer(4, (names) => ({
        live: each(names, 1),
        desired: each(names, create),
        applied: each(names, true),
        policy: { prune: 'environment' },
      })),
      [],
    ],
    [
      'has another value, and is now left to others',
      fewer(5, (names) => ({
        live: each(names, 1),
        desired: each(names, create),
        applied: each(names, true),
      })),
      ['removals shop/production: 4 of 10 live overrides would be removed (40%, limit 30%)'],
    ],
  ])('limits and what %s', (_, given, expected) => {
    expect(refusals(given)).toEqual(expected);
  });

  it('limits do not count what the scope left alone before', () => {
    expect(refusals(handedOver({ before: 'none', now: 'none' }))).toEqual([]);
  });

  it('limits count what the scope hands over, going by its manage when it was last applied', () => {
    const { desired = {}, applied = {}, ...rest } = handedOver({ now: 'none' });
    const own = { type: 'value', value: true, manage: 'full' } as const;
    const names = Object.keys(desired);
    const given: World = {
      ...rest,
      // The four that are removed were declared with their own manage, and the five that stay without one.
      applied: Object.fromEntries(
        Object.keys(applied).map((name) => [name, names.indexOf(name) > 0 ? true : own]),
      ),
      desired: Object.fromEntries(names.map((name, index) => [name, index === 0 ? own : true])),
      policy: { limits: LIMITS, manage: 'none' },
      manageThen: 'none',
      appliedManage: 'full',
    };
    expect(refusals(given)).toEqual([
      'removals shop/production: 4 of 10 live overrides would be removed (40%, limit 30%)',
    ]);
  });

  it('limits are never a smaller share because of what is handed over', () => {
    const { desired = {}, ...given } = world(100, { remove: 30 });
    const none = { type: 'value', value: true, manage: 'none' } as const;
    const released = Object.keys(desired).map((name, index): [string, boolean | DeclaredSetting] => [
      name,
      index < 20 ? none : true,
    ]);
    expect(refusals({ ...given, desired })).toEqual([]);
    expect(refusals({ ...given, desired: Object.fromEntries(released) })).toEqual([
      'removals shop/production: 30 of 80 live overrides would be removed (38%, limit 30%)',
    ]);
  });

  it.each([
    [100, 30, []],
    [100, 31, ['updates shop/production: 31 of 100 live overrides would be updated (31%, limit 30%)']],
    [1000, 301, ['updates shop/production: 301 of 1000 live overrides would be updated (30.1%, limit 30%)']],
    [10, 3, []],
    [10, 4, ['updates shop/production: 4 of 10 live overrides would be updated (40%, limit 30%)']],
    [9, 9, []],
  ])('guards with %d live overrides check %d updates against the limit', (total, update, expected) => {
    expect(refusals(world(total, { update }))).toEqual(expected);
  });

  it('guards let a share that equals the limit pass, in spite of rounding', () => {
    const policy = { limits: { ...LIMITS, updates: 0.29 } };
    expect(refusals(world(100, { update: 29 }, { policy }))).toEqual([]);
    expect(refusals(world(100, { update: 30 }, { policy }))).toHaveLength(1);
  });

  it('guards count removals separately from updates', () => {
    expect(refusals(world(10, { update: 3, remove: 3 }))).toEqual([]);
    expect(refusals(world(10, { remove: 4 }))).toEqual([
      'removals shop/production: 4 of 10 live overrides would be removed (40%, limit 30%)',
    ]);
  });

  it('guards count null as a removal', () => {
    const given = world(10, {});
    const desired = Object.fromEntries(
      Object.keys(given.desired ?? {}).map((name, index): [string, null | boolean] => [
        name,
        index < 4 ? null : true,
      ]),
    );
    expect(refusals({ ...given, desired })).toHaveLength(1);
  });

  it('guards with prune: environment compare with all live overrides', () => {
    const unmanaged = Object.fromEntries(
      Array.from({ length: 6 }, (_, index) => [`theme device d${index}`, 0]),
    );
    const given = world(14, {}, { policy: { prune: 'environment' } });
    expect(refusals({ ...given, live: { ...given.live, ...unmanaged } })).toEqual([]);
    expect(
      refusals({
        ...world(13, {}, { policy: { prune: 'environment' } }),
        live: { ...world(13, {}).live, ...unmanaged },
      }),
    ).toEqual(['removals shop/production: 6 of 19 live overrides would be removed (32%, limit 30%)']);
  });

  it('guards refuse to remove the last of our overrides, even below the floor', () => {
    const one: World = { live: { 'f user a': 0 }, applied: { 'f user a': true } };
    expect(refusals({ ...one, desired: { 'f user a': null } })).toEqual([
      'none-left shop/production: none of our overrides would be left (1 would be removed)',
    ]);
    expect(refusals(one)).toEqual([
      'empty-scope shop/production: nothing is declared any more, and 1 of our overrides would be removed',
    ]);
    expect(refusals({ ...one, desired: { 'f user b': true } })).toEqual([]);
    expect(refusals({ desired: {} })).toEqual([]);
  });

  it('guards refuse more changes than limits.changes', () => {
    const changes = (most: number): string[] =>
      refusals(world(10, { update: 2 }, { policy: { limits: { ...LIMITS, changes: most } } }));
    expect(changes(2)).toEqual([]);
    expect(changes(1)).toEqual(['changes shop/production: 2 changes, limit 1']);
    expect(changes(0)).toHaveLength(1);
  });

  it.each([
    [{ flags: ['f'], contexts: [] }, true],
    [{ flags: ['kill-*'], contexts: [] }, false],
    [{ flags: [], contexts: ['user:ceo@*'] }, true],
    [{ flags: [], contexts: ['*:ceo@x.org'] }, true],
    [{ flags: [], contexts: ['device:*'] }, false],
    [{ flags: [], contexts: ['user:ceo'] }, false],
  ])('guards with protect: %j refuse a change of flag f for user ceo@x.org: %s', (protect, isRefused) => {
    const desired: Record<string, Setting | boolean> = { 'f user ceo@x.org': true };
    const expected = isRefused ? ['protected shop/production: f for user "ceo@x.org" is protected'] : [];
    expect(refusals({ desired, policy: { protect } })).toEqual(expected);
    expect(refusals({ desired, policy: { protect }, force: true })).toEqual(expected);
    expect(refusals({ desired, policy: { protect }, live: { 'f user ceo@x.org': 0 } })).toEqual([]);
  });

  it.each(['user:a*', 'user:*b', 'user:a*b'])(
    'guards protect keys that contain slashes and line breaks with the glob %s',
    (glob) => {
      const policy = { protect: { flags: [], contexts: [glob] } };
      expect(refusals({ desired: { 'f user a/x\n:b': true }, policy })).toHaveLength(1);
    },
  );

  it('guards are lifted by --force', () => {
    const codes = refusals(world(10, { update: 4, remove: 4 }, { force: true })).map((text) =>
      text.slice(0, 16),
    );
    expect(codes).toEqual(['updates lifted s', 'removals lifted ']);
  });

  it('guards do not count withheld changes', () => {
    expect(refusals(world(10, { remove: 10 }, { noRemovals: true }))).toEqual([]);
    expect(refusals(world(10, { update: 10 }, { policy: { paused: 'freeze' } }))).toEqual([]);
  });

  it('guards protect dates, except those that are withheld', () => {
    const check = (withheld: ExpiryChange['withheld']): string[] => {
      const date: ExpiryChange = {
        ...SHOP,
        flag: 'f',
        kind: 'user',
        key: 'a',
        action: 'set',
        before: null,
        after: 1,
        at: { file: 'a.yaml', line: 1, col: 1 },
        provenance: { type: 'none' },
        mark: 'pending',
        liveMoved: false,
        withheld,
      };
      const guarded = {
        scope: SHOP,
        policy: { ...POLICY, protect: { flags: ['f'], contexts: [] } },
        lastApplied: undefined,
        moved: undefined,
        changes: [],
        dates: [date],
        totals: () => [],
        kept: 1,
        declared: 1,
      };
      return guardScope(guarded, { force: false, allowLoosened: false }).map(({ message }) => message);
    };
    expect(check(undefined)).toEqual(['shop/production: f for user "a" is protected']);
    expect(check('paused')).toEqual([]);
  });

  it('guards check the whole scope, whatever the filter', () => {
    const filter = { flags: ['nothing'], contexts: [] };
    const plan = planned(world(10, { update: 4 }, { plan: { filter } }));
    expect(plan.changes).toEqual([]);
    expect(plan.guards).toHaveLength(1);
  });

  it('the policy of other tests lets every share of updates pass', () => {
    expect(POLICY.limits.updates).toBe(1);
  });
});
