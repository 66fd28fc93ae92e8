import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dateInstruction,
  datesByContext,
  isWanted,
  planDateWrites,
} from '../../src/reconcile/date-writes.js';
import { addDate, splitDatedFlags, splitDates } from '../../src/reconcile/date-key.js';
import {
  compareDates,
  dateChanges,
  type DatesInput,
  type ExpiryChange,
  dateToSet,
  isSameDate,
} from '../../src/reconcile/dates.js';
import { compareScope } from '../../src/reconcile/compare.js';
import type { ManageMode } from '../../src/reconcile/manage.js';
import { fingerprintOf } from '../../src/reconcile/fingerprint.js';
import { type LiveDate, overrideKey, type Setting } from '../../src/reconcile/state.js';
import { expiryChange } from '../support/dates.js';
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
  /** The own `manage` of every override at last-applied. */
  readonly manageThen?: ManageMode;
  readonly drift?: 'repair' | 'report';
  readonly paused?: string;
}

/** The dates of a plan, as `set f user a pending`. */
function planOf(world: DatesWorld): string[] {
  const { desired, live, declared = {}, applied = {} } = world;
  const plain: World = { desired, live, expires: declared };
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
  const input: DatesInput = {
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
    },
    appliedPolicy: {
      ...policy,
      expiry: world.appliedExpiry ?? 'launchdarkly',
      manage: world.appliedManage ?? policy.manage,
    },
    answers: new Map(),
  };
  return dateChanges(input).map(({ action, flag, kind, key, mark, liveMoved, withheld }) =>
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

describe('writing dates', () => {
  const moment = fc.option(fc.constantFrom(JUNE, JULY, JUNE + 400), { nil: null });
  const live = fc.option(
    fc.record({
      kind: fc.constant('user'),
      key: fc.constant('a'),
      at: fc.constantFrom(JUNE, JULY),
      variationId: fc.constantFrom('v0', 'v1', undefined),
    }),
    { nil: undefined },
  );

  test('an instruction makes the date what it has to be, and there is none if it already is', () => {
    fc.assert(
      fc.property(moment, live, (after, before) => {
        const date = { kind: 'user', key: 'a', after };
        const instruction = dateInstruction(date, 'v1', before);
        expect(instruction === undefined).toBe(isWanted(date, 'v1', before));
        if (instruction === undefined) return;
        const { kind, value, variationId } = instruction;
        expect(kind.startsWith('add')).toBe(before === undefined);
        expect(kind.startsWith('remove')).toBe(after === null);
        const now: LiveDate | undefined =
          value === undefined ? undefined : { kind: 'user', key: 'a', at: value, variationId };
        expect(isWanted(date, 'v1', now)).toBe(true);
      }),
    );
  });

  const [base] = planned({ desired: { 'f user a': true } }).changes;
  const dateOf = (index: number, more: Partial<ExpiryChange> = {}): ExpiryChange => {
    if (base === undefined) throw new Error('nothing is planned');
    return expiryChange({ ...base, key: `u${index}` }, null, JUNE, more);
  };

  test('each date is in one patch, with dates of the same flag, commit and reason only', () => {
    const some = fc.array(
      fc.record({
        flag: fc.constantFrom('f', 'g'),
        reason: fc.constantFrom('x', 'y'),
        withheld: fc.constantFrom(undefined, 'paused' as const),
      }),
    );
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 3 }), (parts, values) => {
        const dates = parts.map((part, index) => dateOf(index, part));
        const writes = planDateWrites(dates, values);
        expect(writes.flat().toSorted((a, b) => dates.indexOf(a) - dates.indexOf(b))).toEqual(
          dates.filter(({ withheld }) => withheld === undefined),
        );
        for (const write of writes) {
          expect(write.length).toBeLessThanOrEqual(values);
          expect(new Set(write.map(({ flag, reason }) => `${flag} ${reason}`)).size).toBe(1);
        }
      }),
    );
  });

  test('the fingerprint depends on every date, and without dates it is that of the changes', () => {
    const of = (...dates: readonly ExpiryChange[]): string =>
      fingerprintOf('https://app.launchdarkly.com', [], dates);
    const [first, second] = [dateOf(1), dateOf(2)];
    expect(of(first, second)).toBe(of(second, first));
    const all = [
      of(),
      of(first),
      of(first, second),
      of({ ...first, after: JULY }),
      of({ ...first, before: JULY }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(of({ ...first, mark: 'drift', expires: '2030-01-01' })).toBe(of(first));
  });
});

describe('dates in history', () => {
  test('dates are kept beside the settings, and can be separated again', () => {
    const id = idOf('f user a');
    const settings = new Map<string, Setting>([[overrideKey(id), { type: 'value', value: 1 }]]);
    const mixed = new Map(settings);
    addDate(mixed, id, JUNE);
    expect(splitDates(mixed)).toEqual({ settings, dates: new Map([[overrideKey(id), JUNE]]) });
    addDate(mixed, id, undefined);
    expect(splitDates(mixed)).toEqual({ settings, dates: new Map() });
    expect(splitDatedFlags(new Set(['f', '@f', 'g']))).toEqual({
      flags: new Set(['f', 'g']),
      dated: new Set(['f']),
    });
  });

  test('two dates are the same if they differ by less than a second', () => {
    expect(isSameDate(null, null)).toBe(true);
    expect(isSameDate(null, JUNE)).toBe(false);
    expect(isSameDate(JUNE, JUNE - 999)).toBe(true);
    expect(isSameDate(JUNE, JUNE + 1000)).toBe(false);
  });

  test('the dates of a flag are found by context', () => {
    const date = { kind: 'device', key: 'a\nb', at: JUNE, variationId: 'v' };
    expect(datesByContext([date]).get('device\na\nb')).toBe(date);
  });
});
