import { describe, expect, it } from 'vitest';
import { createEvaluator, type Serving } from '../../src/reconcile/serving.js';
import type { LiveEnvironment, LiveFlag } from '../../src/reconcile/state.js';
import { liveEnvironment } from './world.js';

type Configs = Readonly<Record<string, Partial<LiveEnvironment> & { readonly state?: LiveFlag['state'] }>>;

/** Flags with the variations `a`, `b` and `c`, that are on, serve `a`, and `c` while they are off. */
function flagsOf(configs: Configs): Map<string, LiveFlag> {
  return new Map(
    Object.entries(configs).map(([key, { state = 'live', ...parts }]): [string, LiveFlag] => {
      const config = liveEnvironment({
        offVariation: 2,
        fallthrough: 0,
        ...parts,
      });
      const variations = ['a', 'b', 'c'].map((value) => ({ id: undefined, name: undefined, value }));
      return [key, { key, state, variations, environments: new Map([['production', config]]) }];
    }),
  );
}

/** What the flag `f` serves to user alice. */
function serve(configs: Configs, environment = 'production'): Serving | undefined {
  const flags = flagsOf(configs);
  const flag = flags.get('f');
  if (flag === undefined) throw new Error('there is no flag f');
  return createEvaluator(flags, environment, { kind: 'user', key: 'alice' }).serve(flag);
}

const ALICE = new Map([['user\nalice', 1]]);
const needs = (flag: string, variation = 0): Partial<LiveEnvironment> => ({
  prerequisites: [{ flag, variation }],
});
const off = { served: { value: 'c' }, why: { reason: 'off' } };
const failed = (prerequisite: object): object => ({
  served: { value: 'c' },
  why: { reason: 'prerequisite', prerequisite },
});

describe('what a flag serves to a context', () => {
  it.each<[string, Configs, object]>([
    ['the default rule decides', { f: {} }, { served: { value: 'a' }, why: { reason: 'fallthrough' } }],
    [
      'an individual target decides',
      { f: { targets: ALICE } },
      { served: { value: 'b' }, why: { reason: 'target' } },
    ],
    [
      'a target decides before rules',
      { f: { targets: ALICE, rules: 1 } },
      { served: { value: 'b' }, why: { reason: 'target' } },
    ],
    [
      'targets of other contexts do not decide',
      {
        f: {
          targets: new Map([
            ['organization\nalice', 1],
            ['user\nbob', 1],
          ]),
        },
      },
      { served: { value: 'a' }, why: { reason: 'fallthrough' } },
    ],
    ['the flag is off', { f: { on: false, targets: ALICE, ...needs('gone') } }, off],
    [
      'the flag is off and has no off variation',
      { f: { on: false, offVariation: undefined } },
      { served: null, why: { reason: 'off' } },
    ],
    [
      'the flag is archived',
      { f: { state: 'archived', targets: ALICE } },
      { served: null, why: { reason: 'archived' } },
    ],
    [
      'the flag is deprecated, which changes nothing',
      { f: { state: 'deprecated', targets: ALICE } },
      { served: { value: 'b' }, why: { reason: 'target' } },
    ],
    [
      'rules may decide',
      { f: { rules: 2 } },
      {
        why: {
          reason: 'rules',
          rules: 2,
          ifNoneMatches: { served: { value: 'a' }, why: { reason: 'fallthrough' } },
        },
      },
    ],
    ['a rollout decides', { f: { fallthrough: 'rollout' } }, { why: { reason: 'rollout' } }],
    [
      'rules or a rollout decide',
      { f: { rules: 1, fallthrough: 'rollout' } },
      { why: { reason: 'rules', rules: 1, ifNoneMatches: { why: { reason: 'rollout' } } } },
    ],
    ['the default rule is unknown', { f: { fallthrough: 'unknown' } }, { why: { reason: 'unknown' } }],
    [
      'a prerequisite is met',
      { f: { targets: ALICE, ...needs('g', 1) }, g: { targets: ALICE } },
      { served: { value: 'b' }, why: { reason: 'target' } },
    ],
    [
      'a prerequisite serves another variation',
      { f: { targets: ALICE, ...needs('g') }, g: { targets: ALICE } },
      failed({
        flag: 'g',
        mustServe: { value: 'a' },
        serves: { served: { value: 'b' }, why: { reason: 'target' } },
      }),
    ],
    [
      'a prerequisite is off, whatever it serves then',
      { f: needs('g', 2), g: { on: false } },
      failed({ flag: 'g', mustServe: { value: 'c' }, serves: off }),
    ],
    [
      'a prerequisite serves its off variation because of its own prerequisite',
      { f: needs('g', 2), g: needs('h'), h: { targets: ALICE } },
      { served: { value: 'a' }, why: { reason: 'fallthrough' } },
    ],
    [
      'a prerequisite is archived',
      { f: needs('g'), g: { state: 'archived' } },
      failed({ flag: 'g', mustServe: { value: 'a' }, serves: { served: null, why: { reason: 'archived' } } }),
    ],
    ['a prerequisite does not exist', { f: needs('g') }, failed({ flag: 'g', mustServe: null })],
    [
      'a prerequisite must serve a variation that does not exist',
      { f: needs('g', 7), g: {} },
      failed({ flag: 'g', mustServe: null, serves: { served: { value: 'a' } } }),
    ],
    ['a flag is its own prerequisite', { f: needs('f') }, failed({ flag: 'f', mustServe: { value: 'a' } })],
    [
      'a prerequisite depends on the flag',
      { f: needs('g'), g: needs('f') },
      failed({
        flag: 'g',
        mustServe: { value: 'a' },
        serves: failed({ flag: 'f', mustServe: { value: 'a' } }),
      }),
    ],
    [
      'two prerequisites depend on a third, which is no circle',
      {
        f: {
          prerequisites: [
            { flag: 'g', variation: 0 },
            { flag: 'h', variation: 0 },
          ],
        },
        g: needs('i'),
        h: needs('i'),
        i: {},
      },
      { served: { value: 'a' }, why: { reason: 'fallthrough' } },
    ],
    [
      'whether a prerequisite is met depends on rules',
      { f: { targets: ALICE, ...needs('g') }, g: { rules: 1 } },
      {
        why: {
          reason: 'undecided-prerequisite',
          prerequisite: { flag: 'g', mustServe: { value: 'a' }, serves: { why: { reason: 'rules' } } },
          ifMet: { served: { value: 'b' }, why: { reason: 'target' } },
          ifNot: { value: 'c' },
        },
      },
    ],
    [
      'a later prerequisite is not met, whatever the first serves',
      {
        f: {
          prerequisites: [
            { flag: 'g', variation: 0 },
            { flag: 'h', variation: 1 },
          ],
        },
        g: { rules: 1 },
        h: {},
      },
      failed({ flag: 'h', mustServe: { value: 'b' }, serves: { served: { value: 'a' } } }),
    ],
  ])('%s', (_, configs, expected) => {
    const served = serve(configs);
    expect(served).toMatchObject(expected);
    expect(served !== undefined && 'served' in served).toBe('served' in expected);
  });

  it('is undefined if the flag has no such environment, unless it is archived', () => {
    expect(serve({ f: {} }, 'staging')).toBeUndefined();
    expect(serve({ f: { state: 'archived' } }, 'staging')).toEqual({
      served: null,
      why: { reason: 'archived' },
    });
  });

  it('has no prerequisite that is met in an environment without it', () => {
    const flags = flagsOf({ f: needs('g'), g: {} });
    const [f, g] = [flags.get('f'), flags.get('g')];
    if (f === undefined || g === undefined) throw new Error('a flag is missing');
    flags.set('g', { ...g, environments: new Map() });
    const evaluator = createEvaluator(flags, 'production', { kind: 'user', key: 'alice' });
    expect(evaluator.serve(f)).toMatchObject(failed({ flag: 'g', mustServe: { value: 'a' } }));
  });
});
