import { describe, expect, test } from 'vitest';
import { compareScope, type ScopeComparison } from '../../src/reconcile/compare.js';
import { dateId } from '../../src/reconcile/date-key.js';
import {
  compareDates,
  countDates,
  dateChanges,
  datedFlags,
  type DateDifference,
  dateQuestions,
  type DatesInput,
  type ExpiryChange,
  dateToSet,
  isSameDate,
} from '../../src/reconcile/dates.js';
import type { ManageMode } from '../../src/reconcile/manage.js';
import type { ScopeHistory } from '../../src/reconcile/ownership.js';
import type { Provenance } from '../../src/reconcile/plan.js';
import {
  type DeclaredSetting,
  type DesiredOverride,
  type DesiredScope,
  type LiveDate,
  type LiveProject,
  overrideKey,
  scopedKey,
} from '../../src/reconcile/state.js';
import { COMMIT, idOf, liveProject, overridesOf, planned, POLICY, SHOP, type World } from './world.js';

const JUNE = 1000 * 86_400_000;
const JULY = 1030 * 86_400_000;

/** Dates by the name of their override, such as `f user a`. */
type Dates = Readonly<Record<string, number>>;

interface DatesWorld {
  /** By the name of the override: its value, and live the index of its variation, 0 for `true`. */
  readonly desired: Readonly<Record<string, boolean | null>>;
  readonly live: Readonly<Record<string, number>>;
  readonly declared?: Dates;
  readonly atLaunchDarkly?: Dates;
  /** Dates that were declared at last-applied; every override was declared then. */
  readonly applied?: Dates;
  readonly appliedExpiry?: 'git' | 'launchdarkly';
  /** `manage` of the scope. */
  readonly manage?: ManageMode;
  /** `manage` of the scope at last-applied. */
  readonly appliedManage?: ManageMode;
  /** The own `manage` of every override. */
  readonly own?: ManageMode;
  /** The own `manage` of every override at last-applied. */
  readonly manageThen?: ManageMode;
  readonly drift?: 'repair' | 'report';
  readonly paused?: string;
}

/** What decides about the dates of a plan. */
function inputOf(world: DatesWorld): DatesInput {
  const { desired, live, declared = {}, applied = {} } = world;
  const { own } = world;
  const managed = Object.entries(desired).map(([name, value]): [string, DeclaredSetting | boolean | null] => [
    name,
    own === undefined || value === null ? value : { type: 'value', value, manage: own },
  ]);
  const plain: World = { desired: Object.fromEntries(managed), live, expires: declared };
  const policy = {
    ...POLICY,
    expiry: 'launchdarkly' as const,
    drift: world.drift ?? 'repair',
    paused: world.paused,
    manage: world.manage ?? 'full',
  };
  const project = liveProject(plain);
  const scope = { scope: SHOP, overrides: overridesOf(plain) };
  const comparison = compareScope(scope, project, policy, 0);
  const dates = new Map<string, LiveDate[]>();
  for (const [name, at] of Object.entries(world.atLaunchDarkly ?? {})) {
    const { flag, kind, key } = idOf(name);
    const found = project.flags.get(flag);
    const index = found?.environments.get(SHOP.environment)?.targets.get(`${kind}\n${key}`) ?? 0;
    const variationId = found?.variations[index]?.id;
    dates.set(flag, [...(dates.get(flag) ?? []), { kind, key, at, variationId }]);
  }
  return {
    scope: SHOP,
    policy,
    differences: compareDates(comparison, scope, project, dates),
    changes: planned({ ...plain, policy }).changes,
    history: {
      lastApplied: COMMIT,
      declaredThen: new Map(
        Object.keys(desired).map((name) => [
          overrideKey(idOf(name)),
          {
            type: 'value',
            value: true,
            ...(world.manageThen === undefined ? {} : { manage: world.manageThen }),
          },
        ]),
      ),
      datesThen: new Map(Object.entries(applied).map(([name, at]) => [overrideKey(idOf(name)), at])),
      attempts: [],
      appliedManage: world.appliedManage ?? policy.manage,
    },
    appliedPolicy: { ...policy, expiry: world.appliedExpiry ?? 'launchdarkly' },
    answers: new Map(),
  };
}

/** The dates of a plan, as `set f user a pending`. */
function planOf(world: DatesWorld, more: Partial<DatesInput> = {}): string[] {
  return dateChanges({ ...inputOf(world), ...more }).map(
    ({ action, flag, kind, key, mark, liveMoved, withheld }) =>
      [action, flag, kind, key, mark, ...(liveMoved ? ['moved'] : []), ...(withheld ? [withheld] : [])].join(
        ' ',
      ),
  );
}

const ALICE = { desired: { 'f user a': true }, live: { 'f user a': 0 } };
const at = (date: number): Dates => ({ 'f user a': date });

describe('the dates of a plan', () => {
  test.each<[string, Omit<DatesWorld, 'desired' | 'live'>, string[]]>([
    ['the declared date is live', { declared: at(JUNE), atLaunchDarkly: at(JUNE) }, []],
    ['fractions of a second differ', { declared: at(JUNE), atLaunchDarkly: at(JUNE + 999) }, []],
    ['a date is new', { declared: at(JUNE) }, ['set f user a pending']],
    [
      'a date is declared later',
      { applied: at(JUNE), declared: at(JULY), atLaunchDarkly: at(JUNE) },
      ['move f user a pending'],
    ],
    [
      'a date is no longer declared',
      { applied: at(JUNE), atLaunchDarkly: at(JUNE) },
      ['remove f user a pending'],
    ],
    [
      'a date was moved by hand',
      { applied: at(JUNE), declared: at(JUNE), atLaunchDarkly: at(JULY) },
      ['move f user a drift'],
    ],
    ['a date was removed by hand', { applied: at(JUNE), declared: at(JUNE) }, ['set f user a drift']],
    ['a date was set by hand', { atLaunchDarkly: at(JUNE) }, ['remove f user a drift']],
    [
      'a date was moved by hand and in its declaration',
      { applied: at(JUNE), declared: at(JULY), atLaunchDarkly: at(JULY + JUNE) },
      ['move f user a pending moved'],
    ],
    [
      'dates were not set when the scope was last applied',
      { applied: at(JUNE), declared: at(JUNE), appliedExpiry: 'git' },
      ['set f user a pending'],
    ],
    [
      'drift is only reported',
      { applied: at(JUNE), declared: at(JUNE), atLaunchDarkly: at(JULY), drift: 'report' },
      ['move f user a drift drift-report'],
    ],
    [
      'drift is only reported, but the declaration changed',
      { declared: at(JUNE), drift: 'report' },
      ['set f user a pending'],
    ],
    ['an override is kept, it gets no date', { declared: at(JUNE), manage: 'keep' }, []],
    [
      'an override is kept now, its date is removed',
      {
        applied: at(JUNE),
        declared: at(JUNE),
        atLaunchDarkly: at(JUNE),
        manage: 'keep',
        appliedManage: 'full',
      },
      ['remove f user a pending'],
    ],
    ['an override is left alone', { declared: at(JUNE), atLaunchDarkly: at(JULY), manage: 'none' }, []],
    [
      'an override is only created, it gets its date',
      { declared: at(JUNE), manage: 'create' },
      ['set f user a pending'],
    ],
    [
      'an override was kept when it was last applied',
      { applied: at(JUNE), declared: at(JUNE), appliedManage: 'keep' },
      ['set f user a pending'],
    ],
    [
      'an override is kept, and got a date elsewhere',
      {
        applied: at(JUNE),
        declared: at(JUNE),
        atLaunchDarkly: at(JULY),
        manage: 'keep',
        drift: 'report',
      },
      ['remove f user a drift drift-report'],
    ],
    [
      'an override says more than its scope, and got another date elsewhere',
      {
        applied: at(JUNE),
        declared: at(JUNE),
        atLaunchDarkly: at(JULY),
        own: 'full',
        manageThen: 'full',
        manage: 'keep',
        drift: 'report',
      },
      ['move f user a drift drift-report'],
    ],
    [
      'an override was left alone when it was last applied',
      { applied: at(JUNE), declared: at(JUNE), manageThen: 'none' },
      ['set f user a pending'],
    ],
    [
      'an override was only created when it was last applied',
      { applied: at(JUNE), declared: at(JUNE), manageThen: 'create' },
      ['set f user a drift'],
    ],
    ['the scope is paused', { declared: at(JUNE), paused: 'freeze' }, ['set f user a pending paused']],
  ])('if %s', (_, world, expected) => {
    expect(planOf({ ...ALICE, ...world })).toEqual(expected);
  });

  test('an override that changes and is kept gets no date', () => {
    const world = { desired: { 'f user a': true }, live: { 'f user a': 1 }, declared: at(JUNE) };
    expect(planOf({ ...world, manage: 'keep' })).toEqual([]);
    expect(planOf(world)).toEqual(['set f user a unknown']);
  });

  test('the date to set is the declared one, unless the override must stay', () => {
    const expires = { at: JUNE, text: '', line: 1, col: 1 };
    const own = (['full', 'create', 'keep', 'none'] as const).map((manage) =>
      dateToSet({ expires, manage }, 'none'),
    );
    expect(own).toEqual([JUNE, JUNE, undefined, undefined]);
    expect([dateToSet({ expires }), dateToSet({ expires }, 'keep'), dateToSet({})]).toEqual([
      JUNE,
      undefined,
      undefined,
    ]);
  });

  test('the date of an override that changes is set again, with the mark of the change', () => {
    const world = { desired: { 'f user a': true }, applied: at(JUNE), declared: at(JUNE) };
    expect(planOf({ ...world, live: { 'f user a': 1 }, atLaunchDarkly: at(JUNE) })).toEqual([
      'set f user a unknown',
    ]);
    expect(planOf({ ...world, live: {} })).toEqual(['set f user a unknown']);
  });

  test('a date that was left behind is removed when its override is added again without one', () => {
    const world = { desired: { 'f user a': true }, live: {}, atLaunchDarkly: at(JUNE) };
    expect(planOf(world)).toEqual(['remove f user a unknown']);
    expect(planOf({ ...world, declared: at(JUNE) })).toEqual(['set f user a unknown']);
  });

  test('overrides that are not declared, must not be there or have expired have no date of ours', () => {
    const live = { 'f user a': 0, 'f user b': 0, 'f user c': 0 };
    const atLaunchDarkly = { 'f user a': JUNE, 'f user b': JUNE, 'f user c': JUNE };
    const desired = { 'f user b': null, 'f user c': true };
    expect(planOf({ live, atLaunchDarkly, desired, declared: { 'f user b': JULY, 'f user c': 0 } })).toEqual(
      [],
    );
  });
});

const ALICES = idOf('f user a');
const ADA: Provenance = { type: 'commit', commit: COMMIT };

describe('one date of a plan', () => {
  const MOVED: DatesWorld = { ...ALICE, declared: at(JULY), atLaunchDarkly: at(JUNE) };

  /** The only date of a plan, if its declaration differs in this way. */
  function onlyDate(world: DatesWorld, declared: Partial<DesiredOverride>): ExpiryChange {
    const input = inputOf(world);
    const differences = input.differences.map((difference) => ({
      ...difference,
      declared: { ...difference.declared, ...declared },
    }));
    const [date, ...others] = dateChanges({ ...input, differences });
    if (date === undefined || others.length > 0) throw new Error('the plan does not have one date');
    return date;
  }

  test('a date has its text and position, and the owner and reason of its declaration', () => {
    const expires = { at: JULY, text: '1972-10-27', line: 4, col: 14 };
    expect(onlyDate(MOVED, { expires, owner: 'team-checkout', reason: 'Beta' })).toEqual({
      ...SHOP,
      ...ALICES,
      action: 'move',
      before: JUNE,
      after: JULY,
      expires: '1972-10-27',
      variationId: 'id-0',
      at: { file: 'a.yaml', line: 4, col: 14 },
      provenance: { type: 'unknown' },
      mark: 'pending',
      liveMoved: true,
      withheld: undefined,
      owner: 'team-checkout',
      reason: 'Beta',
    });
  });

  test('a date that is removed has the position of its override, and no text', () => {
    expect(onlyDate({ ...ALICE, applied: at(JUNE), atLaunchDarkly: at(JUNE) }, {})).toStrictEqual({
      ...SHOP,
      ...ALICES,
      action: 'remove',
      before: JUNE,
      after: null,
      variationId: 'id-0',
      at: { file: 'a.yaml', line: 1, col: 1 },
      provenance: { type: 'unknown' },
      mark: 'pending',
      liveMoved: false,
      withheld: undefined,
    });
  });

  test('a date has the commit that made it what it is, not that of its override', () => {
    const answers = new Map([
      [scopedKey(SHOP, ALICES), { provenance: { type: 'none' as const }, declaredSince: false }],
      [scopedKey(SHOP, dateId(ALICES)), { provenance: ADA, declaredSince: false }],
    ]);
    const [date] = dateChanges({ ...inputOf(MOVED), answers });
    expect(date?.provenance).toEqual(ADA);
  });

  test('there is no variation id if LaunchDarkly did not give it', () => {
    const input = inputOf(MOVED);
    const differences = input.differences.map((difference) => ({ ...difference, variationId: undefined }));
    const [date] = dateChanges({ ...input, differences });
    expect(date).toBeDefined();
    expect(date).not.toHaveProperty('variationId');
  });
});

describe('the mark of a date', () => {
  const MOVED: DatesWorld = { ...ALICE, applied: at(JUNE), declared: at(JUNE), atLaunchDarkly: at(JULY) };

  test('it is unknown if no commit was applied', () => {
    const never = {
      ...inputOf(MOVED).history,
      lastApplied: undefined,
      declaredThen: undefined,
      datesThen: new Map(),
    };
    expect(planOf(MOVED, { history: never })).toEqual(['move f user a unknown']);
  });

  test('it is pending if it is not known whether dates were set then', () => {
    expect(planOf(MOVED, { appliedPolicy: undefined })).toEqual(['move f user a pending']);
  });

  test('it is pending if the override was not declared then', () => {
    expect(planOf(MOVED, { history: { ...inputOf(MOVED).history, declaredThen: new Map() } })).toEqual([
      'move f user a pending',
    ]);
  });

  test.each<[boolean, string]>([
    [true, 'move f user a pending'],
    [false, 'move f user a drift'],
  ])('a commit since then declared the live date: %s', (declaredSince, expected) => {
    const answers = new Map([[scopedKey(SHOP, dateId(ALICES)), { provenance: ADA, declaredSince }]]);
    expect(planOf(MOVED, { answers })).toEqual([expected]);
  });
});

describe('comparing dates', () => {
  /** The differences, for one flag whose live dates may belong to any of its variations. */
  function compared(
    world: World,
    dates: readonly Pick<LiveDate, 'at' | 'variationId'>[],
    edit: (comparison: ScopeComparison) => ScopeComparison = (comparison) => comparison,
  ): readonly DateDifference[] {
    const project = liveProject(world);
    const scope = { scope: SHOP, overrides: overridesOf(world) };
    const live = new Map([['f', dates.map((date) => ({ kind: 'user', key: 'a', ...date }))]]);
    return compareDates(edit(compareScope(scope, project, POLICY, 0)), scope, project, live);
  }
  const declared = (date?: number): World => ({ ...ALICE, expires: date === undefined ? {} : at(date) });

  test.each<[string, Pick<LiveDate, 'at' | 'variationId'>, number | undefined, (number | null)[]]>([
    ['of another variation does not count', { at: JUNE, variationId: 'id-1' }, JUNE, [null, JUNE]],
    ['of another variation is not removed', { at: JUNE, variationId: 'id-1' }, undefined, []],
    ['of an unknown variation counts', { at: JUNE, variationId: undefined }, JUNE, []],
    ['of an unknown variation is removed', { at: JUNE, variationId: undefined }, undefined, [JUNE, null]],
  ])('a date %s', (_, date, expires, expected) => {
    const found = compared(declared(expires), [date]);
    expect(found.flatMap(({ before, after }) => [before, after])).toEqual(expected);
  });

  test('an override that must not be there and is not live has no date', () => {
    const world: World = { desired: { 'f user a': null }, expires: at(JULY) };
    expect(compared(world, [{ at: JUNE, variationId: 'id-0' }])).toEqual([]);
    const nowhere = { f: { values: [true, false], environments: new Map() } };
    expect(compared({ ...world, flags: nowhere }, [])).toEqual([]);
  });

  test('a difference has the declaration and the variation that it selects', () => {
    const world: World = { ...declared(JULY), desired: { 'f user a': false }, live: { 'f user a': 1 } };
    const [override] = overridesOf(world).values();
    expect(compared(world, [])).toEqual([
      { ...ALICES, declared: override, variationId: 'id-1', before: null, after: JULY },
    ]);
  });
});

describe('the flags whose dates are read', () => {
  const NEVER: ScopeHistory = {
    lastApplied: undefined,
    declaredThen: undefined,
    datesThen: new Map(),
    attempts: [],
  };
  const FLAGS = { f: {}, g: {}, h: {}, old: { state: 'archived' }, aging: { state: 'deprecated' } } as const;

  function readFor(world: World, datesThen: readonly string[] = [], since: readonly string[] = []): string[] {
    const project: LiveProject = liveProject({ flags: FLAGS });
    const scope: DesiredScope = { scope: SHOP, overrides: overridesOf(world) };
    const then = new Map(datesThen.map((name) => [overrideKey(idOf(name)), JUNE]));
    return datedFlags(scope, { ...NEVER, datesThen: then }, since, project).toSorted();
  }

  test('those with a declared date, now, when the scope was last applied or since', () => {
    const desired = { 'f user a': true, 'g user a': true, 'f user b': true };
    expect(readFor({ desired, expires: { 'f user a': JUNE } })).toEqual(['f']);
    expect(readFor({ desired }, ['g user a', 'g user b'])).toEqual(['g']);
    expect(readFor({ desired }, [], ['h'])).toEqual(['h']);
    expect(readFor({ desired, expires: { 'f user a': JUNE } }, ['g user z'], ['h', 'f'])).toEqual([
      'f',
      'g',
      'h',
    ]);
    expect(readFor({ desired })).toEqual([]);
  });

  test('deprecated flags among them, but none that is archived or does not exist', () => {
    expect(readFor({}, ['aging user a', 'old user a', 'gone user a'])).toEqual(['aging']);
  });
});

describe('the questions to history about dates', () => {
  const questions = (
    world: DatesWorld,
    more: Partial<ScopeHistory> = {},
  ): ReturnType<typeof dateQuestions> => {
    const { differences, history } = inputOf(world);
    return dateQuestions(SHOP, differences, { ...history, ...more });
  };
  const SET_BY_HAND: DatesWorld = { ...ALICE, atLaunchDarkly: at(JUNE) };
  const PLAIN = { scope: SHOP, id: dateId(ALICES) };

  test('each date has one', () => {
    expect(questions({ ...ALICE, declared: at(JUNE) })).toEqual([PLAIN]);
    expect(questions({ ...ALICE, declared: at(JUNE), atLaunchDarkly: at(JUNE) })).toEqual([]);
  });

  test('it asks whether a date that seems to be set by hand was declared since', () => {
    const [question, ...others] = questions(SET_BY_HAND);
    expect(others).toEqual([]);
    expect(question).toMatchObject(PLAIN);
    expect(question?.isLive?.({ type: 'value', value: JUNE })).toBe(true);
    expect(question?.isLive?.({ type: 'value', value: JUNE + 999 })).toBe(true);
    expect(question?.isLive?.({ type: 'value', value: JULY })).toBe(false);
    expect(question?.isLive?.({ type: 'none' })).toBe(false);
    expect(question?.isLive?.({ type: 'variation', variation: JUNE })).toBe(false);
  });

  test.each<[string, DatesWorld, Partial<ScopeHistory>]>([
    ['the declaration changed', { ...SET_BY_HAND, applied: at(JULY) }, {}],
    ['the override was not declared then', SET_BY_HAND, { declaredThen: new Map() }],
    ['no commit was applied', SET_BY_HAND, { declaredThen: undefined }],
    ['no date is live', { ...ALICE, declared: at(JUNE), applied: at(JUNE) }, {}],
  ])('it asks only for the commit if %s', (_, world, history) => {
    expect(questions(world, history)).toStrictEqual([PLAIN]);
  });
});

test('dates are counted by what is done with them', () => {
  const actions = ['set', 'move', 'set', 'remove', 'set', 'move'] as const;
  expect(countDates(actions.map((action) => ({ action })))).toEqual({ set: 3, move: 2, remove: 1 });
  expect(countDates([])).toEqual({ set: 0, move: 0, remove: 0 });
});

test('two dates are the same if they differ by less than a second', () => {
  expect(isSameDate(null, null)).toBe(true);
  expect(isSameDate(null, JUNE)).toBe(false);
  expect(isSameDate(JUNE, null)).toBe(false);
  expect(isSameDate(JUNE, JUNE)).toBe(true);
  expect(isSameDate(JUNE, JUNE - 999)).toBe(true);
  expect(isSameDate(JUNE, JUNE + 1000)).toBe(false);
  expect(isSameDate(JUNE, JUNE - 1000)).toBe(false);
});

test('no date is not the same as the date 1970-01-01', () => {
  expect(isSameDate(null, 0)).toBe(false);
  expect(isSameDate(0, null)).toBe(false);
});
