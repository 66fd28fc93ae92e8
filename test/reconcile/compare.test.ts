import { describe, expect, it } from 'vitest';
import { compareScope } from '../../src/reconcile/compare.js';
import type { Setting } from '../../src/reconcile/state.js';
import { changesOf, compared, liveProject, overridesOf, planned, POLICY, SHOP, type World } from './world.js';

const ARCHIVED = { f: { state: 'archived' as const } };
const NO_ENVIRONMENT = { f: { environments: new Map() } };

describe('what is compared', () => {
  it('overrides of an archived flag are never removed, counted or found unmanaged', () => {
    const world: World = { flags: ARCHIVED, live: { 'f user a': 0 }, policy: { prune: 'environment' } };
    expect(compared(world)).toMatchObject({ undesired: [], liveCount: 0 });
    const expired = { desired: { 'f user a': true }, expires: { 'f user a': 0 } };
    expect(compared({ ...world, ...expired })).toMatchObject({ differences: [], diagnostics: [] });
    expect(planned({ ...world, ...expired }).changes).toEqual([]);
  });

  it('overrides of excluded flags are not counted, and those of all others are', () => {
    const live = { 'f user a': 0, 'f user b': 1, 'theme user a': 0 };
    expect(compared({ live }).liveCount).toBe(3);
    expect(compared({ live, policy: { flags: { include: ['*'], exclude: ['f'] } } }).liveCount).toBe(1);
    expect(compared({ live, policy: { flags: { include: ['f'], exclude: [] } } }).liveCount).toBe(2);
  });

  it('a flag that LaunchDarkly returns without the environment has no overrides in it', () => {
    expect(changesOf({ flags: NO_ENVIRONMENT, desired: { 'f user a': true } })).toEqual([
      'add f user a ->0 unknown',
    ]);
    expect(compared({ flags: NO_ENVIRONMENT, desired: { 'f user a': null } }).unchanged).toHaveLength(1);
    expect(compared({ flags: NO_ENVIRONMENT })).toMatchObject({ undesired: [], liveCount: 0 });
  });

  it('a live override that selects no variation of its flag is left alone', () => {
    const live = { 'f user a': 7 };
    expect(changesOf({ live, policy: { prune: 'environment' } })).toEqual([]);
    expect(compared({ live }).undesired).toEqual([]);
  });

  it('the kind user is always known', () => {
    expect(compared({ kinds: ['device'], desired: { 'f user a': true } }).diagnostics).toEqual([]);
    expect(compared({ kinds: ['device'], desired: { 'f ghost a': true } }).diagnostics).toHaveLength(1);
  });

  it('an undesired override says whether anything is declared for the same kind and key', () => {
    const live = { 'f user a': 0, 'f device a': 0, 'f user b': 0 };
    const { undesired } = compared({ live, desired: { 'theme user a': 'dark' } });
    expect(undesired.map(({ kind, key, contextDeclared }) => [kind, key, contextDeclared])).toEqual([
      ['user', 'a', true],
      ['device', 'a', false],
      ['user', 'b', false],
    ]);
  });
});

describe('problems', () => {
  const flags = {
    f: { state: 'archived' as const },
    theme: { values: ['light', 'dark'] },
    j: { values: [null, 'x', 'x', 5] },
    old: {
      variations: [1, 1].map((value) => ({ id: undefined, name: undefined, value })),
    },
  };
  const HINT = 'give the variation a unique value other than null in LaunchDarkly';
  const index = (variation: number): Setting => ({ type: 'variation', variation });

  it.each<[string, Setting | string | number | boolean, string, string, string | undefined]>([
    ['thema user a', 'dark', 'flag-unknown', 'the project shop has no flag thema', 'did you mean theme?'],
    ['checkout-v2 user a', true, 'flag-unknown', 'the project shop has no flag checkout-v2', undefined],
    [
      'f user a',
      true,
      'flag-archived',
      'the flag f is archived',
      'delete the override, for example with flagops tidy --archived, or restore the flag',
    ],
    [
      'theme devise a',
      'dark',
      'kind-unknown',
      'the project shop has no context kind devise',
      'did you mean device?',
    ],
    [
      'theme organization a',
      'dark',
      'kind-unknown',
      'the project shop has no context kind organization',
      'known kinds: user, device',
    ],
    [
      'j user a',
      'x',
      'variation-ambiguous',
      '"x" is the value of several variations of j: 1, 2',
      'select one with {$variation: INDEX}',
    ],
    [
      'j user a',
      '5',
      'variation-unknown',
      '"5" is not a variation of j, which has null (name-0), "x" (name-1), "x" (name-2), 5 (name-3)',
      'write 5 without quotes',
    ],
    [
      'theme user a',
      7,
      'variation-unknown',
      '7 is not a variation of theme, which has "light" (name-0), "dark" (name-1)',
      undefined,
    ],
    [
      'j user a',
      index(0),
      'variation-not-settable',
      'variation 0 of j has the value null, which a PUT takes as a removal',
      `set writes: batch, or ${HINT}`,
    ],
    [
      'j user a',
      index(2),
      'variation-not-settable',
      'variation 2 of j shares its value with another variation',
      `set writes: batch, or ${HINT}`,
    ],
    [
      'old user a',
      index(1),
      'variation-not-settable',
      'variation 1 of old shares its value with another variation',
      HINT,
    ],
  ])('the problem of %s set to %j is %s: %s', (name, setting, code, message, hint) => {
    const kinds = ['user', 'device'];
    const [found, ...others] = compared({ flags, kinds, desired: { [name]: setting } }).diagnostics;
    expect(found).toStrictEqual({
      severity: 'error',
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      at: { file: 'a.yaml', line: 1, col: 1 },
    });
    expect(others).toEqual([]);
  });

  it('problems are reported once for each code and subject', () => {
    const desired = {
      'ghost user a': true,
      'ghost user b': true,
      'theme ghost a': 'dark',
      'theme user a': 'drak',
      'theme user b': 'drak',
      'theme user c': 'ligth',
      'theme user d': index(9),
      'j user a': index(0),
      'j user b': index(1),
      'j user c': index(1),
    };
    const { diagnostics } = compared({ flags, kinds: ['user'], desired });
    const summary = diagnostics.map(({ code, at, message }) => [
      code,
      at?.line,
      /\(and (?<more>\d+) more\)$/.exec(message)?.groups?.['more'],
    ]);
    expect(summary).toEqual([
      ['flag-unknown', 1, '1'],
      ['kind-unknown', 3, undefined],
      ['variation-unknown', 4, '1'],
      ['variation-unknown', 6, undefined],
      ['variation-unknown', 7, undefined],
      ['variation-not-settable', 8, undefined],
      ['variation-not-settable', 9, '1'],
    ]);
  });

  it('a problem is looked into once, however many overrides have it', () => {
    let listings = 0;
    const project = liveProject({ flags });
    const counting = new Map(project.flags);
    counting.keys = () => {
      listings += 1;
      return project.flags.keys();
    };
    const desired = Object.fromEntries(['a', 'b', 'c'].map((key) => [`them user ${key}`, 'dark']));
    const scope = { scope: SHOP, overrides: overridesOf({ desired }) };
    const { diagnostics } = compareScope(scope, { ...project, flags: counting }, POLICY, 0);
    expect(diagnostics).toHaveLength(1);
    expect(listings).toBe(1);
  });

  it.each([
    ['put', ['a', 'b', 'c']],
    ['batch', ['c']],
    ['auto', ['c']],
  ] as const)('with writes: %s the overrides of %j cannot be set', (writes, keys) => {
    const desired = { 'j user a': index(0), 'j user b': index(1), 'old user c': index(1), 'j user d': 5 };
    const scope = { scope: SHOP, overrides: overridesOf({ desired }) };
    const { diagnostics, differences } = compareScope(scope, liveProject({ flags }), POLICY, 0, writes);
    const lines = diagnostics.map(({ at }) => at?.line);
    expect(lines).toEqual(keys.map((key) => ['a', 'b', 'c'].indexOf(key) + 1));
    expect(differences).toHaveLength(4);
  });
});
