import { describe, expect, test } from 'vitest';
import { parseFlag } from '../../../src/launchdarkly/read/parse-flag.js';
import { contextKey } from '../../../src/reconcile/state.js';

/** A flag as LaunchDarkly sends it; `config` sets what a test is about. */
function raw(config: Record<string, unknown>, more: Record<string, unknown> = {}): unknown {
  return {
    key: 'theme',
    variations: [
      { _id: 'a', value: 'light', name: 'Light' },
      { _id: 'b', value: 'dark', name: '' },
      { value: null },
    ],
    archived: false,
    environments: { production: { on: true, ...config } },
    ...more,
  };
}

const targetsOf = (config: Record<string, unknown>): [string, number][] => {
  const { flag } = parseFlag(raw(config), ['production']);
  return [...(flag.environments.get('production')?.targets ?? [])];
};

describe('parsing a flag', () => {
  test('a flag has its variations with id, name and value', () => {
    expect(parseFlag(raw({}), []).flag.variations).toEqual([
      { id: 'a', name: 'Light', value: 'light' },
      { id: 'b', name: undefined, value: 'dark' },
      { id: undefined, name: undefined, value: null },
    ]);
  });

  test('a flag has the users in targets and the contexts in contextTargets', () => {
    expect(
      targetsOf({
        targets: [{ values: ['alice', 'bob'], variation: 1 }],
        contextTargets: [
          { contextKind: 'organization', values: ['acme'], variation: 0 },
          { contextKind: 'user', values: [], variation: 1 },
        ],
      }),
    ).toEqual([
      [contextKey('user', 'alice'), 1],
      [contextKey('user', 'bob'), 1],
      [contextKey('organization', 'acme'), 0],
    ]);
  });

  test('a flag has users that are in contextTargets too', () => {
    expect(
      targetsOf({
        targets: [{ values: ['alice'], variation: 1 }],
        contextTargets: [{ contextKind: 'user', values: ['alice', 'carol'], variation: 1 }],
      }),
    ).toEqual([
      [contextKey('user', 'alice'), 1],
      [contextKey('user', 'carol'), 1],
    ]);
  });

  test('empty lists may be absent', () => {
    expect(targetsOf({})).toEqual([]);
    expect(targetsOf({ targets: null, contextTargets: null })).toEqual([]);
  });

  test('keys that look alike stay separate', () => {
    const keys = ['0123', '123', '__proto__', 'constructor', ' a', 'a', 'user\nx'];
    expect(targetsOf({ targets: [{ values: keys, variation: 0 }] })).toHaveLength(keys.length);
  });

  test('missing environments are reported, and not taken for environments without targets', () => {
    const { flag, missing } = parseFlag(raw({}), ['production', 'staging', 'constructor']);
    expect(missing).toEqual(['staging', 'constructor']);
    expect([...flag.environments.keys()]).toEqual(['production']);
  });

  test.each([
    ['live', {}],
    ['deprecated', { deprecated: true }],
    ['archived', { archived: true, deprecated: true }],
  ])('a flag has the state %s', (state, more) => {
    expect(parseFlag(raw({}, more), []).flag.state).toBe(state);
  });

  test('a flag has the keys of its prerequisites', () => {
    const { flag } = parseFlag(raw({ on: false, prerequisites: [{ key: 'base', variation: 0 }] }), [
      'production',
    ]);
    expect(flag.environments.get('production')).toMatchObject({
      on: false,
      prerequisites: [{ flag: 'base', variation: 0 }],
    });
  });

  test.each([
    [{ fallthrough: { variation: 1 } }, 1],
    [{ fallthrough: { variation: 0, rollout: null } }, 0],
    [{ fallthrough: { rollout: { variations: [] } } }, 'rollout'],
    [{ fallthrough: { variation: 3 } }, 'unknown'],
    [{ fallthrough: { variation: 0.5 } }, 'unknown'],
    [{ fallthrough: 'on' }, 'unknown'],
    [{}, 'unknown'],
  ])('a flag has its default rule: %j', (config, fallthrough) => {
    const { flag } = parseFlag(raw(config), ['production']);
    expect(flag.environments.get('production')).toMatchObject({ fallthrough });
  });

  test('a flag has its off variation, and the number of rules that are not disabled', () => {
    const rules = [{ disabled: false }, { disabled: true }, {}, 'odd'];
    const { flag } = parseFlag(raw({ offVariation: 2, rules }), ['production']);
    expect(flag.environments.get('production')).toMatchObject({ offVariation: 2, rules: 3 });
    for (const offVariation of [undefined, null, -1, 3, 0.5, '0']) {
      const { flag: without } = parseFlag(raw({ offVariation }), ['production']);
      expect(without.environments.get('production')).toMatchObject({ offVariation: undefined, rules: 0 });
    }
  });

  test.each([
    ['has no variation', { prerequisites: [{ key: 'base' }] }],
    ['has no variation', { prerequisites: [{ key: 'base', variation: 0.5 }] }],
    ['rules of flag theme in production is not a list', { rules: {} }],
    ['variation 3 of 3', { targets: [{ values: ['a'], variation: 3 }] }],
    ['variation -1 of 3', { targets: [{ values: ['a'], variation: -1 }] }],
    ['variation 0.5 of 3', { targets: [{ values: ['a'], variation: 0.5 }] }],
    ['variation undefined of 3', { targets: [{ values: ['a'] }] }],
    ['not a list', { targets: {} }],
    ['not a list', { targets: [{ variation: 0 }] }],
    ['not a string', { targets: [{ values: [7], variation: 0 }] }],
    ['not a string', { contextTargets: [{ values: ['a'], variation: 0, contextKind: 7 }] }],
    [
      'targeted twice',
      {
        targets: [
          { values: ['a'], variation: 0 },
          { values: ['a'], variation: 1 },
        ],
      },
    ],
    ['neither on nor off', { on: 'yes' }],
  ])('an invalid flag is an error: %s', (words, config) => {
    expect(() => parseFlag(raw(config), ['production'])).toThrow(words);
  });

  test('a flag may have tens of thousands of targets', () => {
    const values = Array.from({ length: 40_000 }, (_, index) => `user-${index}`);
    expect(targetsOf({ targets: [{ values, variation: 0 }] })).toHaveLength(40_000);
  });
});
