import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allowsMore, MANAGE_MODES, type ManageMode, removesLess } from '../../src/reconcile/manage.js';
import { questionsFor } from '../../src/reconcile/ownership.js';
import type { DeclaredSetting } from '../../src/reconcile/state.js';
import { changesOf, compared, liveProject, planned, type World } from './world.js';

const MODES = Object.keys(MANAGE_MODES) as ManageMode[];

const managed = (value: boolean | null, manage?: ManageMode): DeclaredSetting => ({
  ...(value === null ? { type: 'none' as const } : { type: 'value' as const, value }),
  ...(manage === undefined ? {} : { manage }),
});

const ALICE = 'f user alice';
const BOB = 'f user bob';

describe('the values of manage', () => {
  it('may do more than the ones before, except that keep updates and create removes', () => {
    const more = MODES.map((mode) => MODES.map((than) => Number(allowsMore(mode, than))));
    expect(MODES).toEqual(['none', 'keep', 'create', 'full']);
    expect(more).toEqual([
      [0, 0, 0, 0],
      [1, 0, 1, 0],
      [1, 1, 0, 0],
      [1, 1, 1, 0],
    ]);
  });

  it('are in the order of what they remove', () => {
    for (const [index, mode] of MODES.entries())
      for (const [other, than] of MODES.entries())
        expect(removesLess(mode, than)).toBe(MODES[Math.min(index, other)]);
  });
});

describe('a declared override', () => {
  it.each<[ManageMode, readonly string[]]>([
    ['none', []],
    ['keep', ['add f user a', 'update f user b']],
    ['create', ['add f user a']],
    ['full', ['add f user a', 'update f user b', 'remove f user d']],
  ])('with manage: %s has these changes: %j', (manage, changes) => {
    const world: World = {
      desired: {
        'f user a': true,
        'f user b': true,
        'f user c': true,
        'f user d': null,
      },
      live: { 'f user b': 1, 'f user c': 0, 'f user d': 0 },
      policy: { manage },
    };
    expect(changesOf(world).map((change) => change.slice(0, change.lastIndexOf(' ') - 4))).toEqual(changes);
    const [scope] = planned(world).scopes;
    const unchanged = manage === 'none' ? 0 : 1;
    expect(scope).toMatchObject({ unchanged, unmanaged: {} });
    const leftAlone = 4 - changes.length - unchanged;
    expect(scope?.leftAlone).toBe(leftAlone === 0 ? undefined : leftAlone);
  });

  it.each<[ManageMode, readonly string[]]>([
    ['none', []],
    ['keep', []],
    ['create', ['remove f user a 0>- expired', 'remove f user b 1>- unmanaged']],
    ['full', ['remove f user a 0>- expired', 'remove f user b 1>- unmanaged']],
  ])('past its date, with manage: %s and prune: environment, has these changes: %j', (manage, changes) => {
    const world: World = {
      desired: { 'f user a': true, 'f user b': true },
      expires: { 'f user a': 0, 'f user b': 0 },
      live: { 'f user a': 0, 'f user b': 1 },
      applied: {},
      policy: { manage, prune: 'environment' },
    };
    expect(changesOf(world)).toEqual(changes);
  });

  it('with manage: none, is checked against no flag', () => {
    const desired = { 'unknown user a': managed(true, 'none'), 'f user a': managed(null, 'none') };
    expect(compared({ desired }).diagnostics).toEqual([]);
    expect(compared({ desired: { 'unknown user a': managed(true, 'keep') } }).diagnostics).toHaveLength(1);
  });

  it('of an archived flag is an error unless it is live or manage leaves what is live', () => {
    const codes = (
      live: Readonly<Record<string, number>>,
      manage: ManageMode,
      value: true | null,
    ): string[] => {
      const { diagnostics, untouched } = compared({
        flags: { f: { state: 'archived' } },
        desired: { [ALICE]: managed(value, manage) },
        live,
      });
      return [...diagnostics.map(({ code }) => code), ...[...untouched].map(() => 'untouched')];
    };
    expect(codes({ [ALICE]: 0 }, 'create', true)).toEqual([]);
    expect(codes({ [ALICE]: 1 }, 'create', true)).toEqual(['untouched']);
    expect(codes({ [ALICE]: 1 }, 'create', null)).toEqual(['untouched']);
    expect(codes({}, 'create', true)).toEqual(['flag-archived']);
    expect(codes({ [ALICE]: 1 }, 'full', true)).toEqual(['flag-archived']);
  });

  it('has its own manage before that of the scope', () => {
    const desired = { 'f user a': managed(true, 'full'), 'f user b': managed(true) };
    expect(changesOf({ desired, policy: { manage: 'none' } })).toEqual(['add f user a ->0 unknown']);
  });

  it.each<[string, DeclaredSetting, number | undefined, string]>([
    ['drift: it was removed elsewhere', managed(true, 'create'), undefined, 'drift'],
    ['pending: another value was not ours', managed(true, 'create'), 1, 'pending'],
    ['pending: it was left alone', managed(true, 'none'), 1, 'pending'],
    ['drift: it was changed elsewhere', managed(true, 'keep'), 1, 'drift'],
    ['drift: it was changed elsewhere', managed(true), 1, 'drift'],
  ])('is %s', (_, then, live, mark) => {
    const [change] = planned({
      desired: { [ALICE]: true },
      applied: { [ALICE]: then },
      live: live === undefined ? {} : { [ALICE]: live },
    }).changes;
    expect(change?.mark).toBe(mark);
  });

  it('has drift by the manage of its scope when it was last applied, if that changes', () => {
    const marks = (['none', 'create'] as const).map((manage) => {
      const plan = planned({
        desired: { [ALICE]: managed(true, 'full') },
        applied: { [ALICE]: true },
        manageThen: manage,
        appliedManage: 'full',
        live: { [ALICE]: 1 },
        policy: { manage, drift: 'report' },
      });
      return plan.changes.map(({ mark, withheld }) => `${mark} ${withheld}`);
    });
    expect(marks).toEqual([['drift drift-report'], ['drift drift-report']]);
  });

  it('is not adopted again if it was managed, but is if it was left alone', () => {
    const adopts = (then: ManageMode): number | undefined =>
      planned({
        desired: { [ALICE]: true },
        applied: { [ALICE]: managed(true, then) },
        live: { [ALICE]: 0 },
      }).scopes[0]?.adopts;
    expect(MODES.map(adopts)).toEqual([1, 0, 0, 0]);
  });

  it('does not count for the limits, nor does its context count as declared, if it is left alone', () => {
    const world = (manage: ManageMode): World => ({
      desired: { 'f user a': managed(true, manage) },
      live: { 'f user a': 1, 'theme user a': 0 },
      applied: {},
      policy: { prune: 'contexts' },
    });
    expect(compared(world('none'))).toMatchObject({ liveCount: 1, undesired: [{ contextDeclared: false }] });
    expect(compared(world('create'))).toMatchObject({ liveCount: 2, undesired: [{ contextDeclared: true }] });
  });
});

/** What happens to a live override of Alice (`true`) that is not declared. */
function fate(world: World): string {
  const { changes, scopes } = planned({ live: { [ALICE]: 0 }, ...world });
  const [change] = changes;
  if (change !== undefined) return `removed ${change.mark}${change.liveMoved ? ' moved' : ''}`;
  return scopes[0]?.released === 1 ? 'released' : 'unmanaged';
}

describe('an override that is no longer declared', () => {
  it.each<[string, World, readonly string[]]>([
    ['with the same value', {}, ['unmanaged', 'released', 'removed pending', 'removed pending']],
    [
      'with another value',
      { live: { [ALICE]: 1 } },
      ['unmanaged', 'released', 'unmanaged', 'removed pending moved'],
    ],
    [
      'declared since, and allowed to be removed',
      { since: [ALICE] },
      ['released', 'released', 'removed pending', 'removed pending'],
    ],
    ['released since', { released: [ALICE] }, ['unmanaged', 'released', 'released', 'released']],
    [
      'attempted since, and allowed to be removed',
      { attempted: { [ALICE]: managed(true) } },
      ['removed pending', 'removed pending', 'removed pending', 'removed pending'],
    ],
    [
      'attempted since, and kept',
      { attempted: { [ALICE]: managed(true, 'keep') } },
      ['unmanaged', 'released', 'removed pending', 'removed pending'],
    ],
    [
      'attempted, and released since',
      { attempted: { [ALICE]: managed(true) }, released: [ALICE] },
      ['released', 'released', 'released', 'released'],
    ],
    [
      'with prune: never',
      { policy: { prune: 'never' } },
      ['unmanaged', 'unmanaged', 'unmanaged', 'unmanaged'],
    ],
    [
      'with prune: environment',
      { policy: { prune: 'environment' } },
      ['removed unmanaged', 'removed pending', 'removed pending', 'removed pending'],
    ],
  ])('and was last applied with none, keep, create or full, %s, is %j', (_, world, fates) => {
    const found = MODES.map((mode) => fate({ applied: { [ALICE]: managed(true, mode) }, ...world }));
    expect(found).toEqual(fates);
    // The scope's `manage` counts in the same way.
    const scopes = MODES.map((manageThen) =>
      fate({ applied: { [ALICE]: managed(true) }, manageThen, ...world, attempted: {} }),
    );
    if (world.attempted === undefined) expect(scopes).toEqual(fates);
  });

  it('is not ours if null was last applied, however it was managed', () => {
    for (const mode of MODES) {
      const applied = { [ALICE]: managed(null, mode) };
      expect(fate({ applied })).toBe('unmanaged');
      expect(fate({ applied, since: [ALICE] })).toBe('removed pending');
    }
  });

  it('is marked as one of ours if an attempt wrote it, unless the attempt left it alone', () => {
    const world = (mode: ManageMode): World => ({
      applied: {},
      attempted: { [ALICE]: managed(true, mode) },
      policy: { prune: 'environment' },
    });
    expect(MODES.map((mode) => fate(world(mode)))).toEqual([
      'removed unmanaged',
      'removed pending',
      'removed pending',
      'removed pending',
    ]);
  });

  it.each<[string, World, readonly string[]]>([
    ['one was ours', { applied: { [ALICE]: true } }, ['1 override stays']],
    ['two were ours', { applied: { [ALICE]: true, [BOB]: true } }, ['2 overrides stay']],
    ['one was attempted', { applied: {}, attempted: { [ALICE]: true } }, ['1 override stays']],
    ['one was declared since', { applied: {}, since: [ALICE] }, ['1 override stays']],
    [
      'one was already kept',
      { applied: { [ALICE]: managed(true, 'keep'), [BOB]: true } },
      ['1 override stays'],
    ],
    ['all were already kept', { applied: { [ALICE]: managed(true, 'keep') } }, []],
    ['none was ours', { applied: {} }, []],
  ])('is named in a warning if only a commit since keeps it: %s', (_, world, stay) => {
    const { warnings } = planned({ live: { [ALICE]: 0, [BOB]: 0 }, released: [ALICE, BOB], ...world });
    expect(warnings).toEqual(
      stay.map(
        (those) =>
          `shop/production: ${those} live only because a commit that was not applied says manage: keep or none ` +
          '(apply that commit before the declaration is deleted: if both are merged or squashed as one, ' +
          'the next apply removes what should stay)',
      ),
    );
  });

  it('is ours by a setting of the past, or released by it, depending on manage', () => {
    const asked = (history?: ManageMode): readonly string[] => {
      const given = { live: { [ALICE]: 0 } };
      const [question] = questionsFor(compared(given), liveProject(given), {
        attempts: [],
        ...(history === undefined ? {} : { manage: history }),
      });
      return [undefined, ...MODES].map((mode) => {
        const setting = managed(true, mode);
        return `${question?.isLive?.(setting)} ${question?.isReleased?.(setting)}`;
      });
    };
    const [released, ours] = ['false true', 'true false'];
    const own = [released, released, ours, ours];
    expect(asked()).toEqual([ours, ...own]);
    expect(asked('full')).toEqual([ours, ...own]);
    expect(asked('keep')).toEqual([released, ...own]);
  });
});

describe('laws', () => {
  const NAMES = ['a', 'b', 'c'].map((key) => `f user ${key}`);
  const setting = fc
    .tuple(fc.constantFrom(true, false, null), fc.constantFrom(undefined, ...MODES))
    .map(([value, mode]) => managed(value, mode));
  const record = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Readonly<Record<string, Value>>> =>
    fc
      .record(Object.fromEntries(NAMES.map((name) => [name, value])), { requiredKeys: [] })
      .map((some) => some as Record<string, Value>);
  const worlds: fc.Arbitrary<World> = fc
    .record({
      live: record(fc.constantFrom(0, 1)),
      desired: record(setting),
      applied: record(setting),
      attempted: record(setting),
      since: fc.subarray(NAMES),
      released: fc.subarray(NAMES),
      expires: record(fc.constantFrom(0, 10)),
      manage: fc.constantFrom(...MODES),
      manageThen: fc.constantFrom(...MODES),
    })
    .map(({ manage, ...rest }) => ({ ...rest, policy: { manage }, now: 5 }));

  it('a plan does to a declared override only what its manage allows', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { flag, kind, key, action, mark } of planned(world).changes) {
          const name = `${flag} ${kind} ${key}`;
          const declared = world.desired?.[name] as DeclaredSetting | undefined;
          // Past its date, another value than the declared one may be one that an attempt wrote.
          const isOther = world.expires?.[name] === 0 && mark !== 'expired';
          if (declared === undefined || isOther) continue;
          const rules = MANAGE_MODES[declared.manage ?? world.policy?.manage ?? 'full'];
          const allowed = {
            add: rules.adds,
            update: rules.updates,
            remove: mark === 'expired' ? rules.removes !== 'none' : rules.removes === 'any',
          };
          expect(allowed[action]).toBe(true);
        }
      }),
    );
  });

  it('a plan removes nothing that was to be kept or left alone when it was last applied, unless an attempt changed that', () => {
    fc.assert(
      fc.property(worlds, (world) => {
        for (const { flag, kind, key } of planned({ ...world, desired: {} }).changes) {
          const name = `${flag} ${kind} ${key}`;
          const then = world.applied?.[name] as DeclaredSetting | undefined;
          const mode = then?.manage ?? world.manageThen;
          const stays = then !== undefined && then.type !== 'none' && (mode === 'keep' || mode === 'none');
          expect(stays && world.attempted?.[name] === undefined).toBe(false);
          expect(world.released).not.toContain(name);
        }
      }),
    );
  });
});
