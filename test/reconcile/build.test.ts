import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlannedScope } from '../../src/reconcile/build.js';
import { driftOf } from '../../src/reconcile/drift.js';
import { fingerprintOf } from '../../src/reconcile/fingerprint.js';
import type { ScopeHistory } from '../../src/reconcile/ownership.js';
import { type Change, countActions, type Plan } from '../../src/reconcile/plan.js';
import { type Commit, type LiveProject, overrideKey, scopeKey } from '../../src/reconcile/state.js';
import {
  compared,
  idOf,
  liveEnvironment,
  liveProject,
  NO_FILTER,
  overridesOf,
  planned,
  settingOf,
  type World,
} from './world.js';

const COMMIT: Commit = { id: 'c'.repeat(40), subject: 'Add Alice', author: 'Dana', date: 1 };

function historyOf(applied: World['applied']): ScopeHistory {
  const datesThen = new Map<string, number>();
  if (applied === undefined)
    return { lastApplied: undefined, declaredThen: undefined, datesThen, attempts: [] };
  const settings = Object.entries(applied).map(
    ([name, value]) => [overrideKey(idOf(name)), settingOf(value)] as const,
  );
  return { lastApplied: COMMIT, declaredThen: new Map(settings), datesThen, attempts: [] };
}

/** The world as the environment `production` of a project, which the plan calls by another name if one is given. */
function scopeOf(world: World, project = 'shop', more: Partial<LiveProject> = {}): PlannedScope {
  const live = { ...liveProject(world), ...more };
  const scope = { project, environment: 'production' };
  return {
    comparison: { ...compared(world), scope },
    live,
    history: historyOf(world.applied),
    dates: [],
    declared: overridesOf(world),
  };
}

const planOf = (...scopes: PlannedScope[]): Plan => planned({ plan: { scopes } });

describe('the scopes of a plan', () => {
  const world: World = {
    desired: { 'f user new': true, 'f user kept': true, 'f user adopted': true, 'theme user none': null },
    live: {
      'f user kept': 0,
      'f user adopted': 0,
      'f user removed': 0,
      'theme user x': 0,
      'f device x': 1,
      'f user x': 1,
    },
    applied: {
      'f user kept': true,
      'f user adopted': null,
      'f user removed': true,
      'gone user a': true,
      'gone user b': null,
    },
    policy: { flags: { include: ['f', 'theme'], exclude: [] } },
  };
  const summary = {
    project: 'shop',
    environment: 'production',
    prune: 'owned',
    judgedBy: 'head',
    paused: undefined,
    lastApplied: COMMIT,
    counts: { add: 1, update: 0, remove: 1 },
    unchanged: 3,
    adopts: 1,
    released: 1,
    unmanaged: { f: 2, theme: 1 },
    complete: true,
  };

  it('a scope is summed up with all that the plan says about it', () => {
    const plan = planOf(scopeOf(world));
    expect(plan.scopes).toMatchObject([summary]);
    expect(plan.scopes[0]?.unmanagedOverrides).toHaveLength(3);
    expect(Object.keys(plan.scopes[0]?.unmanaged ?? {})).toEqual(['f', 'theme']);
    const other: World = { ...world, policy: { ...world.policy, prune: 'never', paused: 'freeze' } };
    expect(planOf(scopeOf(other, 'shop', { complete: false })).scopes).toMatchObject([
      {
        ...summary,
        prune: 'never',
        paused: 'freeze',
        counts: { add: 1, update: 0, remove: 0 },
        unmanaged: { f: 3, theme: 1 },
        complete: false,
      },
    ]);
  });

  it('flags with unmanaged overrides are in order, whatever the order in which they were read', () => {
    const flags = { z: {}, B: {}, a: {} };
    const live = { 'z user 1': 0, 'B user 1': 0, 'a user 1': 0, 'z user 2': 0, 'a user 2': 0, 'a user 3': 0 };
    const unmanaged = planned({ flags, live }).scopes[0]?.unmanaged ?? {};
    expect(Object.entries(unmanaged)).toEqual([
      ['B', 1],
      ['a', 3],
      ['z', 2],
    ]);
  });

  it('a released scope has nothing but the number of overrides that were declared in it', () => {
    const scope = { project: 'old', environment: 'production' };
    const history = historyOf({ 'f user a': true, 'f user b': null, 'theme user a': 'dark' });
    const plan = planned({ plan: { scopes: [], released: [{ scope, history }] } });
    expect(plan.scopes).toEqual([
      {
        ...scope,
        prune: 'never',
        paused: undefined,
        lastApplied: COMMIT,
        counts: { add: 0, update: 0, remove: 0 },
        noEffect: 0,
        unchanged: 0,
        adopts: 0,
        released: 2,
        unmanaged: {},
        unmanagedOverrides: [],
        complete: false,
      },
    ]);
    expect(plan).toMatchObject({ changes: [], warnings: [], guards: [], filtered: 0 });
  });

  it('scopes, released ones among them, and their changes, guards and warnings are in the order of their names', () => {
    const names = ['a', 'B', 'b', 'a-b', 'é'];
    const limits = { updates: 1, removals: 1, floor: 10, changes: 0 };
    const live = new Map([...liveProject({}).flags].map(([key, flag]) => [key, withTargets(flag, 20_000)]));
    const made = (name: string): PlannedScope =>
      scopeOf({ desired: { 'f user a': true }, policy: { limits } }, name, { flags: live });
    fc.assert(
      fc.property(
        fc.shuffledSubarray(names, { minLength: 2 }),
        fc.shuffledSubarray(['a0', 'c', 'A']),
        (some, released) => {
          const history = historyOf({});
          const plan = planned({
            plan: {
              scopes: some.map(made),
              released: released.map((project) => ({
                scope: { project, environment: 'production' },
                history,
              })),
            },
          });
          const sorted = some.toSorted();
          expect(plan.scopes.map(({ project }) => project)).toEqual([...some, ...released].toSorted());
          expect(plan.changes.map(({ project }) => project)).toEqual(sorted);
          expect(plan.guards.map(({ message }) => message.split('/')[0])).toEqual(sorted);
          expect(plan.warnings.map((warning) => warning.split('/')[0])).toEqual(sorted);
        },
      ),
    );
  });
});

/** A flag with this many targets in production. */
function withTargets<Flag extends { readonly environments: ReadonlyMap<string, object> }>(
  flag: Flag,
  count: number,
): Flag {
  const targets = new Map(Array.from({ length: count }, (_, index) => [`user\nu${index}`, 0] as const));
  return { ...flag, environments: new Map([['production', liveEnvironment({ targets })]]) };
}

describe('the advice about individual targets', () => {
  it.each<[number, World, number | undefined]>([
    [10_000, {}, undefined],
    [10_001, {}, 10_001],
    [10_000, { desired: { 'theme user new': 'dark' } }, 10_001],
    [9999, { desired: { 'theme user new': 'dark' } }, undefined],
    [10_001, { desired: { 'f user u0': null } }, undefined],
    [10_001, { desired: { 'f user u0': null, 'theme user new': 'dark' } }, 10_001],
    [10_001, { desired: { 'f user u0': false } }, 10_001],
  ])('with %d targets before and %j it speaks of %s targets', (before, world, after) => {
    const project = liveProject(world);
    const flags = new Map(
      [...project.flags].map(([key, flag]) => [key, withTargets(flag, key === 'f' ? before : 0)]),
    );
    const plan = planned({
      plan: {
        scopes: [{ ...scopeOf({ ...world, live: { 'f user u0': 0 } }), live: { ...project, flags } }],
        warnings: ['first'],
      },
    });
    expect(plan.warnings).toEqual([
      'first',
      ...(after === undefined
        ? []
        : [
            `shop/production: ${after} individual targets; LaunchDarkly advises against more than 10000 in an ` +
              'environment (use rules or segments)',
          ]),
    ]);
  });

  it('targets in other environments do not count, and a flag without the environment has none', () => {
    const [flag] = liveProject({}).flags.values();
    if (flag === undefined) throw new Error('no flag');
    const large = withTargets(flag, 20_000).environments.get('production');
    const elsewhere = { ...flag, environments: new Map([['staging', large ?? expect.unreachable()]]) };
    expect(planOf(scopeOf({}, 'shop', { flags: new Map([['f', elsewhere]]) })).warnings).toEqual([]);
  });
});

describe('a plan', () => {
  const world: World = {
    desired: { 'f user a': true, 'f user b': false, 'theme user c': null, 'theme device d': 'dark' },
    live: { 'f user b': 0, 'theme user c': 0 },
    applied: { 'f user b': false },
  };

  it('a plan consists of its input, the changes that the filter selects, and what follows from them', () => {
    const filter = { ...NO_FILTER, contexts: ['*:*'], flags: ['f', 'theme'] };
    const selected = { ...filter, contexts: ['a', 'b', 'c'] };
    const all = planned({ ...world, plan: { head: COMMIT, filter } });
    const some = planned({ ...world, plan: { head: COMMIT, filter: selected } });
    expect(all).toMatchObject({
      baseUrl: 'https://app.launchdarkly.com',
      head: COMMIT,
      counts: { add: 2, update: 1, remove: 1 },
      filtered: 0,
      writes: { mode: 'put', values: 500 },
      estimate: { requests: 4 },
    });
    expect(some).toMatchObject({
      counts: { add: 1, update: 1, remove: 1 },
      filtered: 1,
      estimate: { requests: 3 },
    });
    expect(some.changes).toEqual(all.changes.filter(({ kind }) => kind === 'user'));
    expect(some.scopes).toEqual(all.scopes);
    for (const plan of [all, some])
      expect(plan.fingerprint).toBe(fingerprintOf(plan.baseUrl, plan.changes, []));
  });

  it('a plan counts dates that its filter leaves out, and repairs of drift are those of changes and of dates', () => {
    const two: World = { desired: { 'f user a': true, 'f user b': true }, applied: { 'f user a': true } };
    const scope = scopeOf(two);
    const dates = [...overridesOf(two).values()].map((declared) => ({
      ...idOf(`f user ${declared.key}`),
      declared,
      variationId: 'id-0',
      before: null,
      after: 5000,
    }));
    const datesThen = new Map([[overrideKey(idOf('f user a')), 5000]]);
    const scopes = [{ ...scope, dates, history: { ...scope.history, datesThen } }];
    const keys = (more: World['plan'], then: Pick<World, 'appliedPolicy'> = {}): unknown => {
      const plan = planned({ ...then, plan: { scopes, ...more } });
      return [plan.changes.map(({ key }) => key), plan.dates.map(({ key }) => key), plan.filtered];
    };
    expect(keys({})).toEqual([['a', 'b'], ['a', 'b'], 0]);
    expect(keys({ filter: { ...NO_FILTER, contexts: ['b'] } })).toEqual([['b'], ['b'], 2]);
    expect(keys({ only: 'drift' }, { appliedPolicy: { expiry: 'launchdarkly' } })).toEqual([['a'], ['a'], 2]);
    expect(keys({ only: 'drift' })).toEqual([['a'], [], 3]);
  });

  it('a plan for one shard has all changes, counts and the fingerprint of the whole', () => {
    const whole = planned(world);
    const parts = [1, 2].map((index) => planned({ ...world, plan: { shard: { index, count: 2 } } }));
    for (const part of parts) {
      expect({ ...part, changes: [], estimate: {} }).toEqual({ ...whole, changes: [], estimate: {} });
      expect(part.changes).toHaveLength(whole.changes.length);
    }
    const requests = parts.map(({ estimate }) => estimate.requests);
    expect(requests.reduce((sum, count) => sum + count, 0)).toBe(whole.estimate.requests);
  });
});

describe('the guards of a plan', () => {
  const limits = { updates: 0.3, removals: 0.3, floor: 10, changes: null };
  const names = (count: number, kind = 'user'): string[] =>
    Array.from({ length: count }, (_, index) => `f ${kind} u${index}`);
  const all = <Value>(keys: readonly string[], value: Value): Record<string, Value> =>
    Object.fromEntries(keys.map((key) => [key, value]));

  /** Of ten live overrides that are ours, four are removed. */
  const world: World = {
    live: all(names(10), 0),
    desired: all(names(10).slice(4), true),
    applied: all(names(10), true),
    policy: { limits },
  };

  it('limits are a share of the overrides that are live and ours, whatever is added or declared null', () => {
    const message = 'shop/production: 4 of 10 live overrides would be removed (40%, limit 30%)';
    const added = { ...world.desired, ...all(names(9, 'device'), true), ...all(names(9, 'team'), null) };
    for (const desired of [world.desired ?? {}, added])
      expect(planned({ ...world, desired }).guards.map((guard) => guard.message)).toEqual([message]);
  });

  it('limits are no share of what this commit adopts, unless nothing says what was applied', () => {
    const desired = all(names(50, 'device'), true);
    const live = { ...world.live, ...all(names(50, 'device'), 0) };
    const codes = (then: Pick<World, 'applied'>): string[] => {
      const { counts, guards } = planned({ ...then, desired, live, policy: { limits }, since: names(10) });
      expect(counts.remove).toBe(10);
      return guards.map(({ code }) => code);
    };
    expect(codes({ applied: all(names(10), true) })).toEqual(['removals']);
    expect(codes({})).toEqual([]);
  });

  it('limits that were applied with prune: environment are a share of all live overrides', () => {
    const live = { ...world.live, ...all(names(10, 'device'), 0) };
    const plan = planned({ ...world, live, appliedPolicy: { limits, prune: 'environment' } });
    expect(plan.scopes[0]).toMatchObject({ judgedBy: 'both', unmanaged: { f: 10 } });
    expect(plan.guards).toMatchObject([{ code: 'removals', judgedBy: 'head' }]);
    const both = planned({ ...world, live, appliedPolicy: { limits } });
    expect(both.guards).toMatchObject([{ code: 'removals', lifted: false }]);
    expect(both.guards[0]?.judgedBy).toBeUndefined();
  });

  it('nothing is left if what is not removed is declared null', () => {
    const one: World = {
      live: { 'f user a': 0 },
      desired: { 'f user a': null, 'f user b': null },
      applied: { 'f user a': true },
    };
    expect(planned(one).guards.map(({ code }) => code)).toEqual(['none-left']);
    expect(planned({ ...one, desired: { 'f user a': null, 'f user b': true } }).guards).toEqual([]);
  });

  it('the applied policy does not count with --allow-loosened, nor that of another scope', () => {
    const appliedPolicy = { limits: { ...limits, changes: 0 } };
    const codes = (given: World): string[] => planned({ ...world, ...given }).guards.map(({ code }) => code);
    expect(codes({ appliedPolicy })).toEqual(['removals', 'changes']);
    expect(codes({ appliedPolicy, allowLoosened: true })).toEqual(['removals']);
    expect(planned({ ...world, appliedPolicy, allowLoosened: true }).scopes[0]?.judgedBy).toBe('head');
  });

  it('a plan has what was loosened and rewound, and an accepted fingerprint names the file that accepts it', () => {
    const loosening = { key: 'drift', before: 'report', after: 'repair', lastApplied: COMMIT } as const;
    const options = { noRemovals: false, force: false, allowLoosened: false };
    const made = (allowRewind: boolean, accept: readonly string[]): Plan =>
      planned({
        ...world,
        plan: {
          loosened: [loosening],
          rewound: [COMMIT],
          options: { ...options, allowRewind },
          accept,
          configPath: 'ops/flagops.yaml',
        },
      });
    const plan = made(false, []);
    expect(plan.loosened).toEqual([loosening]);
    expect(plan.guards.map(({ code, lifted }) => [code, lifted])).toEqual([
      ['removals', false],
      ['rewind', false],
    ]);
    expect(made(true, [plan.fingerprint]).guards.map(({ code, liftedBy }) => [code, liftedBy])).toEqual([
      ['removals', 'accepted in ops/flagops.yaml'],
      ['rewind', '--allow-rewind'],
    ]);
  });
});

describe('the drift of a plan', () => {
  const world: World = {
    desired: { 'f user drifted': true, 'f user new': true, 'f user both': true },
    applied: { 'f user drifted': true, 'f user both': false, 'f user removed': true },
    live: { 'f user removed': 0, 'theme user unmanaged': 0 },
    policy: { prune: 'environment', limits: { updates: 1, removals: 1, floor: 10, changes: 0 } },
  };

  it('the drift of a plan is what was changed elsewhere, as a plan without guards', () => {
    const other = { ...scopeOf({ desired: { 'f user new': true } }, 'zoo') };
    const plan = planOf(other, scopeOf(world));
    expect(plan.guards.length).toBeGreaterThan(0);
    const drift = driftOf(plan);
    const isDrift = ({ mark, liveMoved }: Change): boolean =>
      ['drift', 'unmanaged'].includes(mark) || liveMoved;
    expect(drift.changes.map(({ key }) => key)).toEqual(['both', 'drifted', 'unmanaged']);
    expect(drift.changes).toEqual(plan.changes.filter(isDrift));
    const { changes } = drift;
    expect(drift).toEqual({
      ...plan,
      changes,
      counts: { add: 2, update: 0, remove: 1 },
      scopes: plan.scopes.map((scope) => ({
        ...scope,
        counts: countActions(scopeKey(scope) === 'shop/production' ? changes : []),
      })),
      guards: [],
      fingerprint: fingerprintOf(plan.baseUrl, changes, []),
      estimate: expect.objectContaining({ requests: 3, paces: plan.estimate.paces }),
    });
  });
});
