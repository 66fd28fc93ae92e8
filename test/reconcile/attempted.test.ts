import { describe, expect, it } from 'vitest';
import { attemptedFilter, type AttemptedState } from '../../src/reconcile/attempted.js';
import { isInShard } from '../../src/reconcile/shard.js';
import { type OverrideId, overrideKey, type Setting } from '../../src/reconcile/state.js';
import { changesOf } from './world.js';

const SCOPE = { project: 'shop', environment: 'production' };
const ALICE = { flag: 'theme', kind: 'user', key: 'alice' };
const VARIATIONS = ['dark', 'light', 'light'].map((value) => ({ id: undefined, name: undefined, value }));

function attempt(setting: Setting, more: Partial<AttemptedState['filter']> = {}): AttemptedState {
  return {
    scope: SCOPE,
    declared: new Map([[overrideKey(ALICE), setting]]),
    filter: { flags: [], contexts: [], ...more },
    shard: undefined,
  };
}

const isAttempted = (of: AttemptedState, live = 0, id: OverrideId = ALICE): boolean =>
  attemptedFilter([of])(id, live, VARIATIONS);

const DARK: Setting = { type: 'value', value: 'dark' };

it('an override with exactly the value that an attempt declared is its own', () => {
  expect(isAttempted(attempt(DARK))).toBe(true);
  expect(isAttempted(attempt(DARK), 1)).toBe(false);
  expect(isAttempted(attempt(DARK), 0, { ...ALICE, key: 'bob' })).toBe(false);
  expect(isAttempted(attempt({ type: 'variation', variation: 2 }), 2)).toBe(true);
  expect(attemptedFilter([])(ALICE, 0, VARIATIONS)).toBe(false);
  expect(attemptedFilter([attempt({ type: 'none' }), attempt(DARK)])(ALICE, 0, VARIATIONS)).toBe(true);
});

it('a setting that is none, or not exactly one variation, gives no ownership', () => {
  expect(isAttempted(attempt({ type: 'none' }))).toBe(false);
  // Two variations have this value.
  expect(isAttempted(attempt({ type: 'value', value: 'light' }), 1)).toBe(false);
  expect(isAttempted(attempt({ type: 'value', value: 'gone' }))).toBe(false);
});

it('what the filter of the attempt leaves out is not its own', () => {
  for (const [more, expected] of [
    [{ flags: ['the*'], contexts: ['alice'] }, true],
    [{ flags: ['banner'] }, false],
    [{ contexts: ['device:alice'] }, false],
  ] as const) {
    expect(isAttempted(attempt(DARK, more))).toBe(expected);
  }
});

it('a flag of another shard is not its own', () => {
  const owners = [1, 2, 3].filter((index) => isAttempted({ ...attempt(DARK), shard: { index, count: 3 } }));
  expect(owners).toEqual([1, 2, 3].filter((index) => isInShard(SCOPE, 'theme', { index, count: 3 })));
  expect(owners).toHaveLength(1);
});

describe('what an attempt may have written', () => {
  const live = { 'f user alice': 1 };
  const attempted = { 'f user alice': false };

  it('is removed if it is not declared, and is not drift', () => {
    const removal = ['remove f user alice 1>- pending'];
    expect(changesOf({ live, attempted, applied: {} })).toEqual(removal);
    expect(changesOf({ live, attempted, applied: { 'f user alice': null } })).toEqual(removal);
    expect(changesOf({ live, attempted, applied: { 'f user alice': true } })).toEqual(removal);
    // A scope that an interrupted first apply left.
    expect(changesOf({ live, attempted })).toEqual(['remove f user alice 1>- unknown']);
    expect(changesOf({ live, applied: {} })).toEqual([]);
  });

  it('is corrected even if drift is only reported', () => {
    const world = { live, attempted, policy: { drift: 'report' } } as const;
    expect(
      changesOf({ ...world, desired: { 'f user alice': true }, applied: { 'f user alice': true } }),
    ).toEqual(['update f user alice 1>0 pending']);
    expect(changesOf({ ...world, applied: {} })).toEqual(['remove f user alice 1>- pending']);
  });

  it('is not removed with prune never', () => {
    expect(changesOf({ live, attempted, applied: {}, policy: { prune: 'never' } })).toEqual([]);
  });

  it('is removed if another value was declared and has expired', () => {
    const world = {
      live,
      desired: { 'f user alice': true },
      applied: { 'f user alice': true },
      expires: { 'f user alice': 1 },
      now: 2,
    };
    expect(changesOf({ ...world, attempted })).toEqual(['remove f user alice 1>- pending']);
    expect(changesOf(world)).toEqual([]);
  });

  it('stays if it is declared', () => {
    expect(changesOf({ live, attempted, applied: {}, desired: attempted })).toEqual([]);
  });
});
