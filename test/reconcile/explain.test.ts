import { describe, expect, it } from 'vitest';
import {
  type Explanation,
  type ExplainedQuestion,
  explainedFlags,
  explainFlags,
  isAskedFor,
} from '../../src/reconcile/explain.js';
import { listOverrides, type ListedScope } from '../../src/reconcile/list.js';
import { compared, liveEnvironment, liveProject, overridesOf, planned, SHOP, type World } from './world.js';

function listedScope(world: World): ListedScope {
  return {
    comparison: compared(world),
    live: liveProject(world),
    history: { lastApplied: undefined, declaredThen: undefined, datesThen: new Map(), attempts: [] },
    dates: [],
    declared: overridesOf(world),
  };
}

const ALICE: ExplainedQuestion = { kind: 'user', key: 'alice', flag: undefined };

function explained(world: World, question = ALICE): Explanation[] {
  const scopes = [listedScope(world)];
  const plan = planned(world);
  const listed = listOverrides(scopes, plan, isAskedFor(question), new Map());
  const flags = new Map([[SHOP.project, liveProject(world).flags]]);
  return explainFlags(scopes, flags, question, { plan, listed });
}

const WORLD: World = {
  flags: {
    theme: { values: ['light', 'dark'] },
    f: { values: [true, false] },
    'ops-a': { values: [true, false] },
    other: { values: [true, false] },
  },
  live: { 'theme user alice': 0, 'ops-a user alice': 0, 'other organization alice': 0, 'other user bob': 0 },
  desired: { 'f user alice': true, 'other user bob': true, 'theme user bob': 'dark' },
  applied: {},
  policy: { flags: { include: ['*'], exclude: ['ops-*'] } },
};

describe('an explanation', () => {
  it('covers the flags in which an override of the context is live or declared, in their order', () => {
    const shown = explained(WORLD).map(({ flag, live, declared, mark, change, served, why, excluded }) => ({
      flag,
      live: live?.value,
      declared: declared?.value,
      mark,
      change,
      served: served?.value,
      why: why.reason,
      excluded,
    }));
    expect(shown).toEqual([
      { flag: 'f', declared: true, mark: 'pending', change: 'add', why: 'unknown' },
      { flag: 'ops-a', live: true, served: true, why: 'target', excluded: true },
      { flag: 'theme', live: 'light', mark: 'unmanaged', served: 'light', why: 'target' },
    ]);
  });

  it('of one flag is given even if nothing is declared or live, unless the flag does not exist', () => {
    expect(explained(WORLD, { ...ALICE, flag: 'other' })).toStrictEqual([
      {
        ...SHOP,
        flag: 'other',
        kind: 'user',
        key: 'alice',
        state: 'live',
        live: null,
        why: { reason: 'unknown' },
      },
    ]);
    expect(explained(WORLD, { ...ALICE, flag: 'gone' })).toEqual([]);
    const archived = { f: { state: 'archived' as const, environments: new Map() } };
    expect(explained({ flags: archived }, { ...ALICE, flag: 'f' })).toMatchObject([
      { live: null, served: null },
    ]);
    const elsewhere = { f: { environments: new Map([['staging', liveEnvironment()]]) } };
    expect(explained({ flags: elsewhere }, { ...ALICE, flag: 'f' })).toEqual([]);
  });

  it('says why a change is withheld', () => {
    const [paused] = explained({ ...WORLD, policy: { paused: 'freeze' } });
    expect(paused).toMatchObject({ flag: 'f', change: 'add', withheld: 'paused' });
  });

  it('is sorted by scope and flag, and leaves out projects whose flags were not read', () => {
    const staging = listedScope(WORLD);
    const scopes = [
      listedScope(WORLD),
      { ...staging, comparison: { ...staging.comparison, scope: { project: 'attic', environment: 'x' } } },
    ];
    const flags = new Map([[SHOP.project, liveProject(WORLD).flags]]);
    const found = explainFlags(scopes, flags, ALICE, { plan: planned(WORLD), listed: [] });
    expect(found.map(({ project, flag }) => `${project} ${flag}`)).toEqual([
      'shop f',
      'shop ops-a',
      'shop theme',
    ]);
  });

  it('is about each flag once', () => {
    const world: World = { ...WORLD, desired: { 'theme user alice': 'dark' } };
    expect(explainedFlags(listedScope(world), ALICE)).toEqual(['theme', 'ops-a']);
    expect(explainedFlags(listedScope(world), { ...ALICE, flag: 'f' })).toEqual(['f']);
  });
});

it('a question is about overrides of its context, and of its flag if it names one', () => {
  const id = { flag: 'f', kind: 'user', key: 'alice' };
  expect(isAskedFor(ALICE)(id)).toBe(true);
  expect(isAskedFor({ ...ALICE, flag: 'f' })(id)).toBe(true);
  expect(isAskedFor({ ...ALICE, flag: 'g' })(id)).toBe(false);
  expect(isAskedFor(ALICE)({ ...id, kind: 'device' })).toBe(false);
  expect(isAskedFor(ALICE)({ ...id, key: 'bob' })).toBe(false);
});
