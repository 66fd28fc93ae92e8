import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scopeChanges } from '../../src/reconcile/changes.js';
import type { Change, ChangeWarning } from '../../src/reconcile/plan.js';
import { type LiveFlag, scopedKey } from '../../src/reconcile/state.js';
import {
  changesOf,
  compared,
  idOf,
  liveEnvironment,
  liveProject,
  planned,
  SHOP,
  type World,
} from './world.js';

/** A flag with what warnings depend on. */
function flagWith(
  state: LiveFlag['state'],
  on: boolean,
  prerequisites: readonly string[],
): Partial<LiveFlag> {
  return {
    state,
    environments: new Map([
      [
        'production',
        liveEnvironment({ on, prerequisites: prerequisites.map((flag) => ({ flag, variation: 0 })) }),
      ],
    ]),
  };
}

const warningsOf = (f: Partial<LiveFlag>): readonly ChangeWarning[] | undefined =>
  planned({ flags: { f }, desired: { 'f user a': true } }).changes[0]?.warnings;

describe('warnings', () => {
  it('the warnings of a change say what its flag is', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('live', 'deprecated'),
        fc.boolean(),
        fc.subarray(['g', 'h']),
        (state, on, prerequisites) => {
          const expected: ChangeWarning[] = [];
          if (!on) expected.push('flag-off');
          if (state === 'deprecated') expected.push('flag-deprecated');
          if (prerequisites.length > 0) expected.push('prerequisites');
          expect(warningsOf(flagWith(state, on, prerequisites))).toEqual(expected);
        },
      ),
    );
  });

  it('a change has no warnings if its flag has no such environment yet', () => {
    expect(warningsOf({ environments: new Map() })).toEqual([]);
  });

  it('a removal has no warnings, since it does not rely on the flag', () => {
    const targets = new Map([['user\na', 0]]);
    const environments = new Map([
      ['production', liveEnvironment({ on: false, prerequisites: [{ flag: 'g', variation: 0 }], targets })],
    ]);
    const flags = { f: { state: 'deprecated' as const, environments } };
    const [removal, ...others] = planned({ flags, desired: { 'f user a': null } }).changes;
    expect(removal).toMatchObject({ action: 'remove', warnings: [] });
    expect(others).toEqual([]);
  });
});

describe('what a change says about its declaration', () => {
  const world: World = {
    desired: { 'f user a': true },
    live: { 'f user b': 0 },
    applied: { 'f user b': true },
  };

  /** The changes of that world if the declared override has these parts as well. */
  function changesWith(parts: { readonly owner?: string; readonly reason?: string }): readonly Change[] {
    const comparison = compared(world);
    const differences = comparison.differences.map((difference) => ({
      ...difference,
      declared: { ...difference.declared, ...parts },
    }));
    const history = {
      lastApplied: undefined,
      attempts: [],
      datesThen: new Map(),
      declaredThen: new Map([['f\nuser\nb', { type: 'none' } as const]]),
    };
    const answers = new Map([
      [scopedKey(SHOP, idOf('f user b')), { provenance: { type: 'none' }, declaredSince: true } as const],
    ]);
    const { changes } = scopeChanges({ ...comparison, differences }, liveProject(world), history, answers, {
      noRemovals: false,
    });
    return changes;
  }

  it.each([{}, { owner: 'team-a' }, { reason: 'beta' }, { owner: 'team-a', reason: 'beta' }])(
    'a change has the owner and the reason that are declared, and no others: %j',
    (parts) => {
      const [add, remove] = changesWith(parts);
      expect(add).toStrictEqual({
        project: 'shop',
        environment: 'production',
        flag: 'f',
        kind: 'user',
        key: 'a',
        action: 'add',
        before: null,
        after: { variation: 0, value: true, name: 'name-0', id: 'id-0' },
        at: { file: 'a.yaml', line: 1, col: 1 },
        provenance: { type: 'unknown' },
        mark: 'pending',
        liveMoved: false,
        warnings: [],
        withheld: undefined,
        ...parts,
      });
      expect(remove).toMatchObject({ key: 'b', at: undefined, provenance: { type: 'none' }, after: null });
      expect(Object.keys(remove ?? {})).not.toContain('owner');
    },
  );
});

describe('marks', () => {
  const live = { 'f user a': 0 };

  it.each<[string, World, string]>([
    [
      'is pending if null was applied, and a value was declared and removed since',
      { live, applied: { 'f user a': null }, since: ['f user a'] },
      'remove f user a 0>- pending',
    ],
    [
      'is pending and moved if what was applied is no longer a variation',
      { live, applied: { 'f user a': 'gone' } },
      'remove f user a 0>- pending moved',
    ],
    [
      'is pending if what was applied is no longer a variation and nothing is live',
      { desired: { 'f user a': true }, applied: { 'f user a': 'gone' } },
      'add f user a ->0 pending',
    ],
    [
      'is pending and not moved if a removed declaration left what an attempt may have written',
      { live, applied: { 'f user a': false }, attempted: { 'f user a': true } },
      'remove f user a 0>- pending',
    ],
    [
      'is pending and moved if the live value of a removed declaration was only declared since',
      { live, applied: { 'f user a': false }, since: ['f user a'] },
      'remove f user a 0>- pending moved',
    ],
    [
      'is pending and not moved if a removed value was declared both by an attempt and since',
      { live, applied: { 'f user a': false }, attempted: { 'f user a': true }, since: ['f user a'] },
      'remove f user a 0>- pending',
    ],
    [
      'is pending and not moved if the declaration changed again after an attempt',
      {
        live: { 'theme user a': 1 },
        flags: { theme: { values: ['light', 'dark', 'contrast'] } },
        desired: { 'theme user a': 'contrast' },
        applied: { 'theme user a': 'light' },
        attempted: { 'theme user a': 'dark' },
      },
      'update theme user a 1>2 pending',
    ],
    [
      'is pending if an attempt may have changed what is declared as it was last applied',
      {
        live,
        desired: { 'f user a': false },
        applied: { 'f user a': false },
        attempted: { 'f user a': true },
      },
      'update f user a 0>1 pending',
    ],
    [
      'is drift if null was applied and is still declared',
      { live, desired: { 'f user a': null }, applied: { 'f user a': null } },
      'remove f user a 0>- drift',
    ],
    [
      'is pending if null is declared that was not before',
      { live, desired: { 'f user a': null }, applied: {} },
      'remove f user a 0>- pending',
    ],
    [
      'is pending if null was applied and a value is declared',
      { desired: { 'f user a': true }, applied: { 'f user a': null } },
      'add f user a ->0 pending',
    ],
  ])('the mark of a change %s', (_name, world, expected) => {
    expect(changesOf(world)).toEqual([expected]);
  });
});

describe('withheld changes', () => {
  it('a change is withheld for the first reason that applies: paused, drift-report, no-removals', () => {
    const world: World = {
      desired: { 'f user drifted': true, 'f user new': true },
      applied: { 'f user drifted': true, 'f user removed': true },
      live: { 'f user removed': 0, 'theme user unmanaged': 0 },
    };
    const drift = 'report';
    const withheld = (given: World): unknown[] =>
      planned({ ...world, ...given }).changes.map((one) => one.withheld);
    const all = 'environment';
    expect(planned({ ...world, policy: { prune: all } }).changes.map(({ key }) => key)).toEqual([
      'drifted',
      'new',
      'removed',
      'unmanaged',
    ]);
    expect(withheld({ policy: { prune: all } })).toEqual([undefined, undefined, undefined, undefined]);
    expect(withheld({ policy: { prune: all, drift } })).toEqual([
      'drift-report',
      undefined,
      undefined,
      'drift-report',
    ]);
    expect(withheld({ policy: { prune: all }, noRemovals: true })).toEqual([
      undefined,
      undefined,
      'no-removals',
      'no-removals',
    ]);
    expect(withheld({ policy: { prune: all, drift }, noRemovals: true })).toEqual([
      'drift-report',
      undefined,
      'no-removals',
      'drift-report',
    ]);
    expect(withheld({ policy: { prune: all, drift, paused: 'x' }, noRemovals: true })).toEqual([
      'paused',
      'paused',
      'paused',
      'paused',
    ]);
  });
});

it.each<[string, Partial<World>, string]>([
  ['is not live', {}, 'add f user alice ->0 pending'],
  ['is live with another value', { live: { 'f user alice': 1 } }, 'update f user alice 1>0 pending moved'],
  [
    'is live with a value that an attempt wrote',
    { live: { 'f user alice': 1 }, attempted: { 'f user alice': false } },
    'update f user alice 1>0 pending',
  ],
  ['had not expired', { now: 4 }, 'add f user alice ->0 drift'],
  ['was not to be removed', { manageThen: 'keep' }, 'add f user alice ->0 drift'],
])('an override that had expired and is declared with a later date: if it %s', (_, more, expected) => {
  const declared = { 'f user alice': true };
  const dates = { appliedDates: { 'f user alice': 5 }, expires: { 'f user alice': 9 } };
  expect(changesOf({ applied: declared, desired: declared, ...dates, now: 5, ...more })).toEqual([expected]);
});

it('an override that had expired, is live and gets another value did not move', () => {
  const world = { applied: { 'f user alice': true }, desired: { 'f user alice': false }, now: 5 };
  const dates = { appliedDates: { 'f user alice': 5 }, live: { 'f user alice': 0 } };
  expect(changesOf({ ...world, ...dates })).toEqual(['update f user alice 0>1 pending']);
});
