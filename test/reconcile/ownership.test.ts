import { describe, expect, it } from 'vitest';
import { questionsFor } from '../../src/reconcile/ownership.js';
import { PRUNE_MODES, type PruneMode } from '../../src/reconcile/prune.js';
import type { Setting } from '../../src/reconcile/state.js';
import { compared, liveProject, NO_FILTER, planned, SHOP, type World } from './world.js';

const names = (world: World): string[] =>
  questionsFor(compared(world), liveProject(world)).map(({ scope, id, isLive }) => {
    expect(scope).toEqual(SHOP);
    return `${id.flag} ${id.kind} ${id.key}${isLive === undefined ? '' : ' live?'}`;
  });

describe('questions to history', () => {
  const world: World = {
    desired: { 'f user add': true, 'f user update': true, 'f user same': true, 'theme user x': 'dark' },
    live: { 'f user update': 1, 'f user same': 0, 'f user x': 0, 'f device y': 1 },
  };

  it.each<[PruneMode, readonly string[]]>([
    ['never', []],
    ['owned', ['f user x live?', 'f device y live?']],
    ['contexts', ['f user x live?', 'f device y live?']],
    ['environment', ['f user x live?', 'f device y live?']],
  ])(
    'with prune: %s there is one for each difference, and for what might be removed: %j',
    (prune, undesired) => {
      const differences = ['f user add', 'f user update', 'theme user x'];
      expect(names({ ...world, policy: { prune } })).toEqual([...differences, ...undesired]);
    },
  );

  it.each<[PruneMode, boolean]>([
    ['never', false],
    ['owned', false],
    ['contexts', true],
    ['environment', true],
  ])('with prune: %s there is one for an expired override with another value: %s', (prune, isAsked) => {
    const expired = { desired: { 'f user a': true }, expires: { 'f user a': 0 }, live: { 'f user a': 1 } };
    expect(names({ ...expired, policy: { prune } })).toEqual(isAsked ? ['f user a live?'] : []);
  });

  it.each([
    [1, ['f user a']],
    [0, []],
  ])(
    'there is one for an expired override with another value, %d, if an attempt may have written it: %j',
    (live, asked) => {
      const given: World = {
        desired: { 'f user a': true, 'f user b': true },
        expires: { 'f user a': 0, 'f user b': 0 },
        live: { 'f user a': live, 'f user b': 1 },
      };
      const attempt = { scope: SHOP, filter: NO_FILTER, shard: undefined };
      const declared = new Map([['f\nuser\na', { type: 'value' as const, value: false }]]);
      const questions = questionsFor(compared(given), liveProject(given), {
        attempts: [{ ...attempt, declared }],
      });
      const found = questions.map(({ id: { flag, kind, key } }) => `${flag} ${kind} ${key}`);
      expect(found).toEqual(live === 0 ? ['f user a', ...asked] : asked);
    },
  );

  it('there is none about an override that is kept whatever history says, in any mode', () => {
    for (const prune of Object.keys(PRUNE_MODES) as PruneMode[])
      expect(names({ desired: { 'f user a': true }, live: { 'f user a': 0 }, policy: { prune } })).toEqual(
        [],
      );
  });

  it('a setting of the past is the live one if it selects the same variation', () => {
    const settings: readonly (readonly [Setting, number | undefined])[] = [
      ...['light', 'dark', 'other'].map((value, index) => [{ type: 'value', value }, index] as const),
      ...[0, 1, 2].map((variation) => [{ type: 'variation', variation }, variation] as const),
      ...['name-0', 'name-1'].map((variation, index) => [{ type: 'variation', variation }, index] as const),
      [{ type: 'none' }, undefined],
    ];
    for (const variation of [0, 1]) {
      const given = { live: { 'theme user a': variation } };
      const [question] = questionsFor(compared(given), liveProject(given));
      for (const [past, index] of settings) expect(question?.isLive?.(past)).toBe(index === variation);
    }
  });
});

describe('released overrides', () => {
  const applied = { 'f user a': true, 'f user b': null, 'theme user a': 'dark', 'theme user b': 'light' };

  it.each([
    [{ include: ['*'], exclude: [] }, 0],
    [{ include: ['*'], exclude: ['f'] }, 1],
    [{ include: ['f'], exclude: [] }, 2],
    [{ include: ['f'], exclude: ['f'] }, 3],
  ])('with the flags %j there are %d', (flags, released) => {
    expect(planned({ applied, policy: { flags } }).scopes[0]).toMatchObject({ released });
    expect(planned({ policy: { flags } }).scopes[0]).toMatchObject({ released: 0 });
  });
});
