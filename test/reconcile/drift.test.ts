import { describe, expect, it } from 'vitest';
import { driftOf, isRepairable, repairFilter, withoutPendingRemovals } from '../../src/reconcile/drift.js';
import type { ScopeHistory } from '../../src/reconcile/ownership.js';
import type { Change, Mark } from '../../src/reconcile/plan.js';
import type { ScopePolicy } from '../../src/reconcile/policy.js';
import { type DeclaredSetting, overrideKey, type Setting } from '../../src/reconcile/state.js';
import { expiryChange } from '../support/dates.js';
import { COMMIT, idOf, planned, POLICY, type World } from './world.js';

/** Alice's flag was applied, with a date. */
const HISTORY: ScopeHistory = {
  lastApplied: COMMIT,
  declaredThen: new Map<string, Setting>([
    [overrideKey(idOf('f user alice')), { type: 'value', value: true }],
  ]),
  datesThen: new Map([[overrideKey(idOf('f user alice')), 5_000_000]]),
  attempts: [],
};

const [BASE] = planned({ desired: { 'f user alice': true } }).changes;

function change(name: string, mark: Mark): Change {
  if (BASE === undefined) throw new Error('the plan is empty');
  return { ...BASE, ...idOf(name), mark };
}

it('a change that moved has what is declared and what is live, and no other has', () => {
  const applied = { 'f user alice': true, 'f user bob': true, 'f user carol': true };
  const { changes } = planned({
    applied,
    desired: { ...applied, 'f user bob': false },
    live: { 'f user alice': 1, 'f user bob': 0 },
  });
  const value = (variation: number): object => expect.objectContaining({ variation }) as object;
  expect(changes.map(({ key, drift }) => [key, drift])).toEqual([
    ['alice', { declared: value(0), live: value(1) }],
    ['bob', undefined],
    ['carol', { declared: value(0), live: null }],
  ]);
  expect(changes.map((one) => 'drift' in one)).toEqual([true, false, true]);
});

it('the drift of a plan has only the dates that moved', () => {
  const dates = [
    expiryChange(change('f user alice', 'drift'), 7, 9, { mark: 'drift' }),
    expiryChange(change('f user bob', 'pending'), 7, 9, { liveMoved: true }),
    expiryChange(change('f user carol', 'pending'), 7, 9),
  ];
  const plan = planned({ desired: { 'f user alice': true } });
  expect(driftOf({ ...plan, dates }).dates).toEqual(dates.slice(0, 2));
});

describe('what repairs drift', () => {
  const repairs = (one: Change, applied?: Partial<ScopePolicy>): boolean =>
    repairFilter(HISTORY, applied && { ...POLICY, ...applied }).isRepair(one);

  it.each<[Mark, boolean]>([
    ['drift', true],
    ['pending', false],
    ['expired', false],
    ['unknown', false],
    ['unmanaged', false],
  ])('with the mark %s: %s', (mark, expected) => {
    expect(repairs(change('f user alice', mark), { prune: 'owned' })).toBe(expected);
    expect(repairs(change('f user alice', mark))).toBe(expected);
  });

  it.each<[string, Partial<ScopePolicy>, boolean]>([
    ['theme user alice', { prune: 'contexts' }, true],
    ['theme user bob', { prune: 'contexts' }, false],
    ['theme device alice', { prune: 'contexts' }, false],
    ['theme user bob', { prune: 'environment' }, true],
    ['theme user bob', { prune: 'environment', flags: { include: ['*'], exclude: ['theme'] } }, false],
    ['theme user alice', { prune: 'owned' }, false],
  ])('the removal of %s that was set elsewhere, if %j was applied: %s', (name, applied, expected) => {
    expect(repairs(change(name, 'unmanaged'), applied)).toBe(expected);
  });

  it.each<[Setting & { manage?: 'none' }, boolean]>([
    [{ type: 'value', value: true, manage: 'none' }, false],
    [{ type: 'none' }, true],
  ])('a context that was only declared with %j counts as declared: %s', (setting, expected) => {
    const declaredThen = new Map([[overrideKey(idOf('f user alice')), setting]]);
    const { isRepair } = repairFilter({ ...HISTORY, declaredThen }, { ...POLICY, prune: 'contexts' });
    expect(isRepair(change('theme user alice', 'unmanaged'))).toBe(expected);
  });

  it.each<[string, DeclaredSetting, boolean]>([
    ['theme user alice', { type: 'value', value: 'dark', manage: 'none' }, false],
    ['theme user alice', { type: 'value', value: 'dark', manage: 'create' }, false],
    ['f user alice', { type: 'value', value: true, manage: 'none' }, false],
    ['f user alice', { type: 'value', value: true, manage: 'keep' }, true],
  ])('the removal of theme of alice, if %s was applied as %j: %s', (name, setting, expected) => {
    const history = { ...HISTORY, declaredThen: new Map([[overrideKey(idOf(name)), setting]]) };
    const { isRepair } = repairFilter(history, { ...POLICY, prune: 'contexts' });
    expect(isRepair(change('theme user alice', 'unmanaged'))).toBe(expected);
  });

  it('the date of an override that was kept is removed, whatever date it declares', () => {
    const history: ScopeHistory = { ...HISTORY, manage: 'keep', appliedManage: 'keep' };
    const dates = [null, 5_000_000].map((after) =>
      repairFilter(history, { ...POLICY, expiry: 'launchdarkly' }).isDateRepair(
        expiryChange(change('f user alice', 'drift'), 7, after, { mark: 'drift' }),
      ),
    );
    expect(dates).toEqual([true, false]);
  });

  it('without a last applied commit, nothing that was set elsewhere is removed', () => {
    const { isRepair } = repairFilter(
      { ...HISTORY, declaredThen: undefined },
      { ...POLICY, prune: 'contexts' },
    );
    expect(isRepair(change('f user alice', 'unmanaged'))).toBe(false);
  });

  it.each<[string, Mark, number | null, boolean]>([
    ['f user alice', 'drift', 5_000_000, true],
    ['f user alice', 'drift', 9_000_000, false],
    ['f user alice', 'drift', null, false],
    ['f user bob', 'drift', null, true],
    ['f user bob', 'drift', 5_000_000, false],
    ['f user alice', 'pending', 5_000_000, false],
    ['f user bob', 'unmanaged', null, false],
  ])('the date of %s with the mark %s that becomes %s: %s', (name, mark, after, expected) => {
    const date = expiryChange(change(name, mark), 7, after, { mark });
    const isRepair = (applied?: ScopePolicy): boolean => repairFilter(HISTORY, applied).isDateRepair(date);
    expect(isRepair({ ...POLICY, expiry: 'launchdarkly' })).toBe(expected);
    // No date there was applied.
    expect(isRepair(POLICY)).toBe(false);
    expect(isRepair()).toBe(false);
  });
});

describe('removals of what was set elsewhere', () => {
  const drifted = (name: string, mark: Mark): Change => ({
    ...change(name, mark),
    drift: { declared: null, live: BASE?.after ?? null },
  });
  const withDrift = (...changes: Change[]): string[] =>
    withoutPendingRemovals(changes, HISTORY, { ...POLICY, prune: 'contexts' }).map(
      (one) => `${one.flag} ${one.key}${'drift' in one ? ' drift' : ''}`,
    );

  it('are drift only if the last applied policy asks for them, and other drift stays', () => {
    expect(
      withDrift(
        drifted('theme user alice', 'unmanaged'),
        drifted('theme user bob', 'unmanaged'),
        drifted('theme user carol', 'drift'),
        change('theme user dave', 'pending'),
      ),
    ).toEqual(['theme alice drift', 'theme bob', 'theme carol drift', 'theme dave']);
    expect(withDrift(drifted('theme user bob', 'unmanaged'))).toEqual(['theme bob']);
    expect(withDrift(drifted('theme user carol', 'drift'))).toEqual(['theme carol drift']);
  });

  it.each<[World['appliedPolicy'], boolean]>([
    [undefined, true],
    [{ prune: 'environment' }, true],
    [{ prune: 'owned' }, false],
  ])('are drift in a plan if the policy %j was last applied: %s', (appliedPolicy, expected) => {
    const { changes } = planned({
      applied: {},
      live: { 'f user alice': 0 },
      policy: { prune: 'environment' },
      ...(appliedPolicy === undefined ? {} : { appliedPolicy }),
    });
    expect(changes.map((one) => [one.mark, 'drift' in one])).toEqual([['unmanaged', expected]]);
  });
});

it.each<[Mark, Change['withheld'], boolean]>([
  ['drift', undefined, true],
  ['unmanaged', undefined, true],
  ['pending', undefined, false],
  ['drift', 'paused', false],
  ['pending', 'paused', false],
])('whether drift can be repaired with the mark %s, withheld %s: %s', (mark, withheld, expected) => {
  expect(isRepairable({ mark, withheld })).toBe(expected);
});
