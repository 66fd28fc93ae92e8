import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NoEffectFinder } from '../../src/reconcile/no-effect.js';
import { type LiveEnvironment, type LiveFlag, overrideKey } from '../../src/reconcile/state.js';
import { compared, idOf, liveEnvironment, planned, type World } from './world.js';

/** A flag that is on and serves its first variation, with these differences. */
function flagWith(
  environment: Partial<LiveEnvironment>,
  state: LiveFlag['state'] = 'live',
): NonNullable<World['flags']>[string] {
  const config = liveEnvironment({ fallthrough: 0, ...environment });
  return { values: ['a', 'b', 'c'], state, environments: new Map([['production', config]]) };
}

/** `f user x: fallthrough` for each override without effect. */
function found(world: World): string[] {
  return [...compared(world).noEffect].map(([key, why]) => `${key.replaceAll('\n', ' ')}: ${why}`);
}

const targets = (overrides: Readonly<Record<string, number>>): LiveEnvironment['targets'] =>
  new Map(Object.entries(overrides).map(([context, variation]) => [context.replace(' ', '\n'), variation]));

describe('an override without effect', () => {
  it.each<[string, NonNullable<World['flags']>[string]]>([
    ['is on', flagWith({})],
    ['is deprecated, which still serves', flagWith({}, 'deprecated')],
    ['has targets of the same kind', flagWith({ targets: targets({ 'user y': 1 }) })],
    [
      'has targets of another kind with the same variation',
      flagWith({ targets: targets({ 'organization acme': 0 }) }),
    ],
  ])('is one that selects what the fallthrough serves, if its flag %s', (_, f) => {
    expect(found({ flags: { f }, desired: { 'f user x': 'a', 'f user z': 'b' } })).toEqual([
      'f user x: fallthrough',
    ]);
  });

  it.each<[string, NonNullable<World['flags']>[string]]>([
    ['is off', flagWith({ on: false, offVariation: 0 })],
    ['has a prerequisite', flagWith({ prerequisites: [{ flag: 'g', variation: 0 }] })],
    ['has rules', flagWith({ rules: 1 })],
    ['serves a percentage rollout', flagWith({ fallthrough: 'rollout' })],
    ['serves something unknown', flagWith({ fallthrough: 'unknown' })],
    ['serves another variation', flagWith({ fallthrough: 1 })],
    [
      'targets another kind with another variation',
      flagWith({ targets: targets({ 'user y': 0, 'organization acme': 1 }) }),
    ],
    ['does not exist in the environment', { ...flagWith({}), environments: new Map() }],
  ])('is none whose flag %s', (_, f) => {
    expect(found({ flags: { f }, desired: { 'f user x': 'a' } })).toEqual([]);
  });

  it('is none if the plan targets another kind with another variation', () => {
    const flags = { f: flagWith({}) };
    const desired = { 'f user x': 'a', 'f organization acme': 'a' };
    expect(found({ flags, desired })).toHaveLength(2);
    expect(found({ flags, desired: { ...desired, 'f device kiosk': 'b' } })).toEqual([]);
    expect(found({ flags, desired: { ...desired, 'f device kiosk': null } })).toHaveLength(2);
    // Of the kinds with an override of their own variation, only others can decide instead.
    expect(found({ flags, desired: { ...desired, 'f user y': 'b' } })).toEqual(['f user x: fallthrough']);
  });

  it('is none while another kind is targeted with another variation, even if that will change', () => {
    const flags = { f: flagWith({ targets: targets({ 'user x': 0, 'organization acme': 1 }) }) };
    const desired = { 'f user x': 'a', 'f organization acme': 'a' };
    // The user's override decides until the organization's is updated. That one has no effect then.
    expect(found({ flags, desired })).toEqual(['f organization acme: fallthrough']);
    const expired: World = {
      flags,
      desired: { ...desired, 'f organization acme': 'b' },
      expires: { 'f organization acme': 1 },
      now: 2,
    };
    expect(found(expired)).toEqual([]);
  });

  it('is one of an archived flag that is live as declared', () => {
    const flags = { f: flagWith({ targets: targets({ 'user x': 1 }), on: false }, 'archived') };
    const world: World = { flags, desired: { 'f user x': 'b', 'f user y': null } };
    expect(found(world)).toEqual(['f user x: archived']);
    expect(compared(world)).toMatchObject({ unchanged: [], archived: ['f\nuser\nx', 'f\nuser\ny'] });
    expect(compared(world).diagnostics).toEqual([]);
    for (const desired of [
      { 'f user x': 'a' },
      { 'f user x': null },
      { 'f user y': 'b' },
      { 'f user x': 'd' },
      { 'f user y': 'd' },
    ]) {
      expect(compared({ flags, desired }).diagnostics).toMatchObject([{ code: 'flag-archived' }]);
    }
  });

  it('can be one that is live and not declared, but not one that expired', () => {
    const flags = { f: flagWith({ targets: targets({ 'user x': 0, 'user y': 0 }) }) };
    expect(found({ flags })).toEqual(['f user x: fallthrough', 'f user y: fallthrough']);
    const expired: World = { flags, desired: { 'f user x': 'a' }, expires: { 'f user x': 1 }, now: 2 };
    expect(found(expired)).toEqual(['f user y: fallthrough']);
    const moved: World = { ...expired, desired: { 'f user x': 'b' } };
    expect(found(moved)).toEqual(['f user y: fallthrough']);
  });

  it('is a warning of its change, and counted if it is declared', () => {
    const flags = {
      f: flagWith({ targets: targets({ 'user live': 0, 'user moved': 1, 'user other': 0, 'user gone': 0 }) }),
      off: flagWith({ on: false }),
      old: flagWith({ targets: targets({ 'user x': 2 }) }, 'archived'),
    };
    const desired = {
      'f user live': 'a',
      'f user moved': 'a',
      'f user new': 'a',
      'f user set': 'b',
      'off user x': 'a',
      'old user x': 'c',
    };
    const applied = { 'f user gone': 'a', 'f user moved': 'a' };
    const { changes, scopes } = planned({ flags, desired, applied });
    expect(
      changes.map(({ action, flag, key, warnings }) => [action, flag, key, ...warnings].join(' ')),
    ).toEqual([
      'remove f gone',
      'update f moved no-effect',
      'add f new no-effect',
      'add f set',
      'add off x flag-off',
    ]);
    expect(scopes).toMatchObject([{ unchanged: 2, adopts: 2, noEffect: 4, unmanaged: { f: 1 } }]);
  });

  it('of an archived flag is not counted by the guards', () => {
    const keys = Array.from({ length: 30 }, (_, index) => `user ${index}`);
    const live = Object.fromEntries(keys.map((key) => [key, 1]));
    const flags = { f: flagWith({}), old: flagWith({ targets: targets(live) }, 'archived') };
    const desired = Object.fromEntries(keys.map((key) => [`old ${key}`, 'b']));
    const applied = { ...desired, 'f user x': 'a' };
    const withLive = { f: flagWith({ targets: targets({ 'user x': 1 }) }), old: flags.old };
    const { changes, guards } = planned({ flags: withLive, desired, applied });
    expect(changes).toMatchObject([{ action: 'remove', flag: 'f' }]);
    expect(guards).toMatchObject([{ code: 'none-left' }]);
  });
});

// The law: removing all overrides without effect changes what no context is served, whatever it consists of.

const KINDS = ['user', 'organization', 'device'] as const;
const KEYS = ['1', '2'] as const;
const VARIATIONS = [0, 1, 2];

/** What a flag that is on, without prerequisites and rules, serves to a context of several kinds. */
function served(
  overrides: ReadonlyMap<string, number>,
  order: readonly string[],
  context: readonly string[],
) {
  // LaunchDarkly takes the first target that matches; which one is first depends on how they were added.
  const match = order.find((name) => context.includes(name) && overrides.has(name));
  return match === undefined ? 0 : overrides.get(match);
}

/** Every context that can be made of these kinds and keys. */
const CONTEXTS = KINDS.reduce<readonly (readonly string[])[]>(
  (all, kind) => all.flatMap((context) => [context, ...KEYS.map((key) => [...context, `${kind} ${key}`])]),
  [[]],
);
const NAMES = KINDS.flatMap((kind) => KEYS.map((key) => `${kind} ${key}`));

const arrangement = fc.record({
  overrides: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VARIATIONS)), {
      selector: ([name]) => name,
    })
    .map((entries) => new Map(entries)),
  /** What is live now; the rest of the overrides will be. */
  live: fc
    .uniqueArray(fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...VARIATIONS)), {
      selector: ([name]) => name,
    })
    .map((entries) => new Map(entries)),
  order: fc.shuffledSubarray(NAMES, { minLength: NAMES.length }),
});

/** The names of the overrides without effect. */
function withoutEffect(
  overrides: ReadonlyMap<string, number>,
  live: ReadonlyMap<string, number>,
): Set<string> {
  const flag: LiveFlag = {
    key: 'f',
    state: 'live',
    variations: VARIATIONS.map((value) => ({ id: undefined, name: undefined, value })),
    environments: new Map([
      [
        'production',
        liveEnvironment({
          targets: targets(Object.fromEntries(live)),
          fallthrough: 0,
        }),
      ],
    ]),
  };
  const finder = new NoEffectFinder('production');
  for (const [name, variation] of overrides) {
    const id = idOf(`f ${name}`);
    finder.add(overrideKey(id), id.kind, flag, variation);
  }
  return new Set([...finder.find().keys()].map((key) => key.slice('f\n'.length).replace('\n', ' ')));
}

it('no context is served anything else without the overrides that have no effect', () => {
  fc.assert(
    fc.property(arrangement, ({ overrides, live, order }) => {
      const ineffective = withoutEffect(overrides, live);
      const isLeft = ([name, variation]: readonly [string, number]): boolean =>
        !ineffective.has(name) || overrides.get(name) !== variation;
      // Neither now nor once all are live as they will be.
      for (const state of [live, overrides]) {
        const left = new Map([...state].filter(isLeft));
        for (const context of CONTEXTS) {
          expect(served(left, order, context)).toBe(served(state, order, context));
        }
      }
    }),
  );
});

it('every other override decides for some context, in some order of the targets', () => {
  fc.assert(
    fc.property(arrangement, ({ overrides }) => {
      const ineffective = withoutEffect(overrides, overrides);
      for (const [name] of overrides) {
        if (ineffective.has(name)) continue;
        const left = new Map(overrides);
        left.delete(name);
        const first = [name, ...NAMES.filter((other) => other !== name)];
        const decides = CONTEXTS.some(
          (context) => served(left, first, context) !== served(overrides, first, context),
        );
        expect(decides).toBe(true);
      }
    }),
  );
});
