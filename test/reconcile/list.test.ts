import { describe, expect, test } from 'vitest';
import type { PlanInput } from '../../src/reconcile/build.js';
import { compareScope } from '../../src/reconcile/compare.js';
import { overrideFilter } from '../../src/reconcile/filter.js';
import {
  type ListedOverride,
  type ListedScope,
  listOverrides,
  questionsForList,
} from '../../src/reconcile/list.js';
import type { HistoryAnswer } from '../../src/reconcile/ownership.js';
import type { OverrideValue } from '../../src/reconcile/plan.js';
import {
  contextKey,
  type DesiredOverride,
  type LiveFlag,
  type OverrideId,
  overrideKey,
  scopedKey,
  type ScopeId,
} from '../../src/reconcile/state.js';
import {
  COMMIT,
  idOf,
  liveEnvironment,
  liveProject,
  NO_FILTER,
  overridesOf,
  planned,
  POLICY,
  settingOf,
  SHOP,
  type World,
} from './world.js';

const STAGING = { project: 'shop', environment: 'staging' };
const ON: OverrideValue = { variation: 0, value: true, name: 'name-0', id: 'id-0' };
const OFF: OverrideValue = { variation: 1, value: false, name: 'name-1', id: 'id-1' };

/** A scope as it is compared and listed. Dates that are not after 0 have expired. */
function scopeOf(world: World, scope: ScopeId, more: Partial<DesiredOverride>): ListedScope {
  const project = liveProject(world);
  const flags = [...project.flags].map(([key, flag]): [string, LiveFlag] => {
    const environments = [...flag.environments.values()].map((live) => [scope.environment, live] as const);
    return [key, { ...flag, environments: new Map(environments) }];
  });
  const live = { ...project, flags: new Map(flags) };
  const declared = new Map([...overridesOf(world)].map(([key, override]) => [key, { ...override, ...more }]));
  const applied = Object.entries(world.applied ?? {});
  return {
    comparison: compareScope({ scope, overrides: declared }, live, POLICY, 0),
    live,
    history: {
      lastApplied: COMMIT,
      declaredThen: new Map(applied.map(([name, value]) => [overrideKey(idOf(name)), settingOf(value)])),
      datesThen: new Map(),
      attempts: [],
    },
    dates: [],
    declared,
  };
}

interface ListInput {
  /** What is in staging; undefined if only production is listed. */
  readonly staging?: World;
  readonly filter?: PlanInput['filter'];
  readonly answers?: ReadonlyMap<string, HistoryAnswer>;
  /** Details of every override that is declared. */
  readonly details?: Partial<DesiredOverride>;
}

function list(production: World, input: ListInput = {}): ListedOverride[] {
  const { staging, filter = NO_FILTER, answers = new Map<string, HistoryAnswer>(), details = {} } = input;
  const scopes = [
    ...(staging === undefined ? [] : [scopeOf(staging, STAGING, details)]),
    scopeOf(production, SHOP, details),
  ];
  const plan = planned({ plan: { scopes, filter, answers } });
  return listOverrides(scopes, plan, overrideFilter(filter), answers);
}

/** Each override as `environment flag kind key live/declared mark`, with `-` for none and `?` for an unknown variation. */
function lines(overrides: readonly ListedOverride[]): string[] {
  const show = (value: OverrideValue | null | undefined): string =>
    value === undefined ? '?' : value === null ? '-' : JSON.stringify(value.value);
  return overrides.map(({ environment, flag, kind, key, live, declared, mark }) =>
    [environment, flag, kind, key, `${show(live)}/${show(declared)}`, mark ?? ''].join(' ').trimEnd(),
  );
}

describe('what is listed', () => {
  test.each<[string, World, string[]]>([
    [
      'an override that is live as declared has no mark',
      { desired: { 'f user a': true }, live: { 'f user a': 0 } },
      ['f user a true/true'],
    ],
    ['an override that is not live', { desired: { 'f user a': true } }, ['f user a -/true pending']],
    [
      'an override that is live with another value',
      { desired: { 'f user a': false }, live: { 'f user a': 0 } },
      ['f user a true/false pending'],
    ],
    [
      'an override that was changed by hand',
      { desired: { 'f user a': true }, applied: { 'f user a': true }, live: { 'f user a': 1 } },
      ['f user a false/true drift'],
    ],
    ['an override that must not be there, and is not', { desired: { 'f user a': null } }, ['f user a -/-']],
    [
      'an override that must not be there, and is',
      { desired: { 'f user a': null }, live: { 'f user a': 1 } },
      ['f user a false/- pending'],
    ],
    [
      'an override that is no longer declared',
      { applied: { 'f user a': true }, live: { 'f user a': 0 } },
      ['f user a true/? pending'],
    ],
    ['an override that is not ours', { live: { 'f user a': 0 } }, ['f user a true/? unmanaged']],
    [
      'an override that must not be there, of a flag without settings for its environment',
      { flags: { f: { environments: new Map() } }, desired: { 'f user a': null } },
      ['f user a -/-'],
    ],
    ['nothing', {}, []],
  ])('%s', (_, world, expected) => {
    expect(lines(list(world))).toEqual(expected.map((line) => `production ${line}`));
  });

  test.each<[string, World, string]>([
    ['is live', { live: { 'f user a': 0 } }, 'f user a true/true expired'],
    ['is live with another value', { live: { 'f user a': 1 } }, 'f user a false/true expired'],
    ['is not live', {}, 'f user a -/true expired'],
    ['has a variation that no longer exists', { flags: { f: { values: [1, 2] } } }, 'f user a -/?'],
    [
      'has a variation that no longer exists, and another one is live',
      { flags: { f: { values: [1, 2] } }, live: { 'f user a': 1 } },
      'f user a 2/? expired',
    ],
    ['has a flag that no longer exists', { flags: {} }, 'f user a -/?'],
  ])('an override that has expired and %s is listed once', (_, world, expected) => {
    const expired = { desired: { 'f user a': true }, expires: { 'f user a': 0 } };
    expect(lines(list({ ...expired, ...world }))).toEqual([`production ${expected}`]);
  });

  test('every scope has its own overrides, sorted by environment, flag, kind and key', () => {
    const production: World = {
      desired: { 'theme user a': 'dark', 'f user b': true, 'f device z': true, 'f user a': true },
      live: { 'f user a': 0, 'f user c': 1, 'theme user c': 0 },
      applied: { 'theme user c': 'light' },
    };
    const staging: World = {
      desired: { 'f user c': true },
      live: { 'f user a': 1, 'theme user a': 0, 'f user c': 0 },
      applied: { 'theme user a': 'light' },
    };
    expect(lines(list(production, { staging }))).toEqual([
      'production f device z -/true pending',
      'production f user a true/true',
      'production f user b -/true pending',
      'production f user c false/? unmanaged',
      'production theme user a -/"dark" pending',
      'production theme user c "light"/? pending',
      'staging f user a false/? unmanaged',
      'staging f user c true/true',
      'staging theme user a "light"/? pending',
    ]);
  });

  test('only what the filters select', () => {
    const world: World = {
      desired: { 'f user a': true, 'theme user a': 'dark' },
      live: { 'f user b': 0, 'theme user b': 0, 'f user c': 0, 'theme user c': 0 },
      applied: { 'f user b': true, 'theme user b': 'light' },
    };
    expect(lines(list(world, { filter: { flags: ['theme'], contexts: [] } }))).toEqual([
      'production theme user a -/"dark" pending',
      'production theme user b "light"/? pending',
      'production theme user c "light"/? unmanaged',
    ]);
    expect(lines(list(world, { filter: { flags: [], contexts: ['user:c'] } }))).toEqual([
      'production f user c true/? unmanaged',
      'production theme user c "light"/? unmanaged',
    ]);
  });
});

describe('the details of what is listed', () => {
  const id = idOf('f user a');
  const answers = new Map<string, HistoryAnswer>([
    [scopedKey(SHOP, id), { provenance: { type: 'commit', commit: COMMIT }, declaredSince: false }],
  ]);
  const commit = { type: 'commit', commit: COMMIT };

  test('a declared override has everything that its declaration and history say', () => {
    const expires = { at: 5, text: '1970-01-01', line: 3, col: 9 };
    const details = { owner: 'team-checkout', reason: 'Beta', expires };
    const world: World = { desired: { 'f user a': true }, live: { 'f user a': 1 } };
    expect(list(world, { details, answers })).toStrictEqual([
      {
        ...SHOP,
        ...id,
        live: OFF,
        declared: ON,
        at: { file: 'a.yaml', line: 1, col: 1 },
        ...details,
        provenance: commit,
        mark: 'pending',
      },
    ]);
  });

  test('a declared override without such details has none of them, and the commit behind it is unknown', () => {
    const world: World = { desired: { 'f user a': true }, live: { 'f user a': 0 } };
    expect(list(world)).toStrictEqual([
      {
        ...SHOP,
        ...id,
        live: ON,
        declared: ON,
        at: { file: 'a.yaml', line: 1, col: 1 },
        provenance: { type: 'unknown' },
      },
    ]);
  });

  test('an override that is removed has the commit that no longer declares it', () => {
    const world: World = { applied: { 'f user a': true }, live: { 'f user a': 0 } };
    expect(list(world, { answers })).toStrictEqual([
      { ...SHOP, ...id, live: ON, provenance: commit, mark: 'pending' },
    ]);
  });

  test('an unmanaged override has no commit', () => {
    expect(list({ live: { 'f user a': 0 } })).toStrictEqual([
      { ...SHOP, ...id, live: ON, provenance: { type: 'none' }, mark: 'unmanaged' },
    ]);
  });

  test('an override without effect says why, whether it is declared, removed or unmanaged', () => {
    const targets = new Map(['a', 'b', 'c'].map((key) => [contextKey('user', key), 0]));
    const environments = new Map([['production', liveEnvironment({ fallthrough: 0, targets })]]);
    const world: World = {
      flags: { f: { environments } },
      desired: { 'f user a': true },
      applied: { 'f user b': true },
    };
    const found = list(world).map(({ key, mark, noEffect }) => [key, mark, noEffect]);
    expect(found).toEqual([
      ['a', undefined, 'fallthrough'],
      ['b', 'pending', 'fallthrough'],
      ['c', 'unmanaged', 'fallthrough'],
    ]);
  });
});

test('a listed override has its manage, unless that is full', () => {
  const full = { type: 'value', value: true } as const;
  const desired = { 'f user a': full, 'f user b': { ...full, manage: 'keep' as const } };
  expect(list({ desired }).map(({ key, manage }) => [key, manage])).toEqual([
    ['a', undefined],
    ['b', 'keep'],
  ]);
  expect(list({ desired }).map((override) => 'manage' in override)).toEqual([false, true]);
});

test('a list asks for the commit of every declared override that it contains', () => {
  const world: World = {
    desired: { 'f user a': true, 'theme user a': null, 'f user b': true },
    live: { 'f user a': 0, 'f user c': 0 },
  };
  const asked = (isListed: (id: OverrideId) => boolean): string[] =>
    questionsForList(scopeOf(world, STAGING, {}), isListed).map(({ scope, id, isLive }) => {
      expect(isLive).toBeUndefined();
      return `${scope.project} ${scope.environment} ${id.flag} ${id.kind} ${id.key}`;
    });
  expect(asked(() => true)).toEqual([
    'shop staging f user a',
    'shop staging theme user a',
    'shop staging f user b',
  ]);
  expect(asked(({ flag }) => flag === 'theme')).toEqual(['shop staging theme user a']);
});
