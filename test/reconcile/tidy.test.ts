import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MANAGE_MODES, type ManageMode } from '../../src/reconcile/manage.js';
import { PRUNE_MODES, type PruneMode } from '../../src/reconcile/prune.js';
import { contextKey, overrideKey } from '../../src/reconcile/state.js';
import { TIDY_REASONS, type TidyReason } from '../../src/reconcile/tidy-reasons.js';
import { tidyScope } from '../../src/reconcile/tidy.js';
import {
  compared,
  idOf,
  liveEnvironment,
  liveProject,
  overridesOf,
  planned,
  POLICY,
  SHOP,
  type World,
} from './world.js';

/** `f user x: reason` or `f user x: reason (obstacle)` for each declaration that there is a reason to delete. */
function tidied(world: World, isOnline = true, reasons: readonly TidyReason[] = TIDY_REASONS): string[] {
  const verdicts = tidyScope({
    reasons: new Set(reasons),
    desired: { scope: SHOP, overrides: overridesOf(world) },
    policy: { ...POLICY, ...world.policy },
    now: world.now ?? 0,
    live: isOnline ? { project: liveProject(world), comparison: compared(world) } : undefined,
  });
  return [...verdicts].map(
    ([id, { reason, obstacle }]) =>
      `${id.replaceAll('\n', ' ')}: ${reason}${obstacle === undefined ? '' : ` (${obstacle})`}`,
  );
}

const targets = (live: Readonly<Record<string, number>>, flag: string): ReadonlyMap<string, number> =>
  new Map(
    Object.entries(live)
      .map(([name, variation]) => [idOf(name), variation] as const)
      .filter(([id]) => id.flag === flag)
      .map(([{ kind, key }, variation]) => [contextKey(kind, key), variation]),
  );

/** The flags `f`, `g` and `h`, which serve their first variation to everyone, and the archived flag `old`. */
function flagsOf(live: Readonly<Record<string, number>>): NonNullable<World['flags']> {
  const flag = (key: string): NonNullable<World['flags']>[string] => ({
    values: ['a', 'b', 'c'],
    environments: new Map([['production', liveEnvironment({ targets: targets(live, key), fallthrough: 0 })]]),
  });
  return { f: flag('f'), g: flag('g'), h: flag('h'), old: { ...flag('old'), state: 'archived' } };
}

describe('a declaration', () => {
  const EXPIRED = { now: 10, expires: { 'f user x': 5 } };

  it.each<[string, World, string[]]>([
    ['that has an effect stays', { desired: { 'f user x': 'b' }, live: { 'f user x': 1 } }, []],
    [
      'without effect goes',
      { desired: { 'f user x': 'a' }, live: { 'f user x': 0 } },
      ['f user x: no-effect'],
    ],
    ['without effect goes, live or not', { desired: { 'f user x': 'a' } }, ['f user x: no-effect']],
    [
      'without effect stays while something else is live',
      { desired: { 'f user x': 'a' }, live: { 'f user x': 1 } },
      ['f user x: no-effect (pending)'],
    ],
    [
      'stays if the next apply would remove something else because it declares the context',
      {
        desired: { 'f user x': 'a', 'f user y': 'a' },
        live: { 'f user x': 0, 'g user x': 1 },
        policy: { prune: 'contexts' },
      },
      ['f user x: no-effect (context)', 'f user y: no-effect'],
    ],
    [
      'goes if another one declares the context',
      {
        desired: { 'f user x': 'a', 'g user x': 'b', 'old user x': 'b' },
        live: { 'f user x': 0, 'g user x': 1, 'old user x': 1 },
        policy: { prune: 'contexts' },
      },
      ['f user x: no-effect', 'old user x: archived'],
    ],
    [
      'goes if another one declares the context for which something else would be removed',
      {
        desired: { 'f user x': 'a', 'g user x': 'b' },
        live: { 'f user x': 0, 'g user x': 1, 'h user x': 1 },
        policy: { prune: 'contexts' },
      },
      ['f user x: no-effect'],
    ],
    [
      'goes if all else that is live for the context is declared and expired',
      {
        now: 10,
        expires: { 'g user x': 5 },
        desired: { 'f user x': 'a', 'g user x': 'b' },
        live: { 'f user x': 0, 'g user x': 2 },
        policy: { prune: 'contexts' },
      },
      ['f user x: no-effect', 'g user x: expired (other-value)'],
    ],
    [
      'stays for what is live first, and only then for its context',
      {
        desired: { 'f user x': 'a' },
        live: { 'f user x': 1, 'g user x': 1 },
        policy: { prune: 'contexts' },
      },
      ['f user x: no-effect (pending)'],
    ],
    ['of an archived flag goes', { desired: { 'old user x': 'b' } }, ['old user x: archived']],
    ['that expired goes', { ...EXPIRED, desired: { 'f user x': 'b' } }, ['f user x: expired']],
    [
      'that expired goes if it is still live',
      { ...EXPIRED, desired: { 'f user x': 'b' }, live: { 'f user x': 1 } },
      ['f user x: expired'],
    ],
    [
      'that expired stays if it is still live and nothing would remove it',
      { ...EXPIRED, desired: { 'f user x': 'b' }, live: { 'f user x': 1 }, policy: { prune: 'never' } },
      ['f user x: expired (still-live)'],
    ],
    [
      'that expired stays if another value is live',
      { ...EXPIRED, desired: { 'f user x': 'b' }, live: { 'f user x': 2 } },
      ['f user x: expired (other-value)'],
    ],
    ...(['contexts', 'environment'] as const).map((prune): [string, World, string[]] => [
      `that expired stays if its manage keeps it, and prune: ${prune} would remove it`,
      {
        ...EXPIRED,
        desired: { 'f user x': 'b' },
        live: { 'f user x': 1 },
        policy: { prune, manage: 'keep' },
      },
      ['f user x: expired (protected)'],
    ]),
    [
      'without effect stays if its manage keeps it, and prune: contexts would remove it',
      {
        desired: { 'f user x': 'a' },
        live: { 'f user x': 0 },
        policy: { prune: 'contexts', manage: 'keep' },
      },
      ['f user x: no-effect (protected)'],
    ],
    [
      'that expired goes if its manage lets it be removed, whatever the scope would remove',
      { ...EXPIRED, desired: { 'f user x': 'b' }, live: { 'f user x': 1 }, policy: { prune: 'environment' } },
      ['f user x: expired'],
    ],
    [
      'that expired goes if its manage keeps it, and the scope removes only what is ours',
      { ...EXPIRED, desired: { 'f user x': 'b' }, live: { 'f user x': 1 }, policy: { manage: 'keep' } },
      ['f user x: expired'],
    ],
  ])('%s', (_, world, verdicts) => {
    expect(tidied({ flags: flagsOf(world.live ?? {}), ...world })).toEqual(verdicts);
  });

  it('that has not expired yet stays', () => {
    const desired = { 'f user x': 'b' };
    expect(tidied({ flags: flagsOf({}), desired, expires: { 'f user x': 11 }, now: 10 })).toEqual([]);
    expect(tidied({ flags: flagsOf({}), desired, expires: { 'f user x': 10 }, now: 10 })).toEqual([
      'f user x: expired',
    ]);
  });

  it('of an archived flag that prevents every apply goes, even if it is the last one of its context', () => {
    const live = { 'g user x': 1 };
    const world: World = {
      live,
      flags: flagsOf(live),
      desired: { 'old user x': 'b' },
      policy: { prune: 'contexts' },
      now: 10,
    };
    const prevents = ['old user x: archived'];
    const harmless = ['old user x: archived (context)'];
    expect(tidied(world)).toEqual(prevents);
    expect(tidied({ ...world, expires: { 'old user x': 11 } })).toEqual(prevents);
    expect(tidied({ ...world, expires: { 'old user x': 10 } })).toEqual(harmless);
    const asDeclared = { ...live, 'old user x': 1 };
    expect(tidied({ ...world, live: asDeclared, flags: flagsOf(asDeclared) })).toEqual(harmless);
  });

  it('goes for any of several reasons that is asked for', () => {
    const world: World = { ...EXPIRED, desired: { 'old user x': 'b' }, expires: { 'old user x': 5 } };
    const only = (reason: TidyReason): string[] => tidied({ flags: flagsOf({}), ...world }, true, [reason]);
    expect(only('archived')).toEqual(['old user x: archived']);
    expect(only('expired')).toEqual(['old user x: expired']);
    expect(only('no-effect')).toEqual([]);
  });

  it('that expired and asked for no override stays while there is one', () => {
    const world: World = { ...EXPIRED, desired: { 'f user x': null } };
    expect(tidied({ flags: flagsOf({ 'f user x': 1 }), ...world })).toEqual([
      'f user x: expired (other-value)',
    ]);
    expect(tidied({ flags: flagsOf({}), ...world })).toEqual(['f user x: expired']);
    expect(tidied({ ...world, policy: { prune: 'never' } }, false)).toEqual(['f user x: expired']);
  });

  it('that expired goes if its flag does not exist any more', () => {
    expect(tidied({ flags: {}, ...EXPIRED, desired: { 'f user x': 'b' } })).toEqual(['f user x: expired']);
  });

  it('that expired goes without asking LaunchDarkly, unless that could change what is pruned', () => {
    const world: World = { ...EXPIRED, desired: { 'f user x': 'b', 'g user x': 'a' } };
    expect(tidied(world, false)).toEqual(['f user x: expired']);
    expect(tidied({ ...world, policy: { prune: 'never' } }, false)).toEqual([
      'f user x: expired (maybe-live)',
    ]);
    const alone: World = { ...EXPIRED, desired: { 'f user x': 'b' }, policy: { prune: 'contexts' } };
    expect(tidied(alone, false)).toEqual(['f user x: expired (maybe-context)']);
  });
});

const names = ['f user x', 'f user y', 'g user x', 'f org x', 'old user x'];
const some = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<Readonly<Record<string, T>>> =>
  fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 5 });

it('deleting tidied declarations does not change what is served after an apply', () => {
  const value = fc.constantFrom('a', 'b', 'c');
  fc.assert(
    fc.property(
      some(fc.option(value)),
      some(fc.nat(2)),
      some(value),
      fc.array(fc.constantFrom(...names)),
      fc.constantFrom(...(Object.keys(PRUNE_MODES) as PruneMode[])),
      fc.constantFrom(...(Object.keys(MANAGE_MODES) as ManageMode[])),
      (desired, live, applied, expired, prune, manage) => {
        const flags = flagsOf(live);
        const policy = { prune, manage };
        const expires = Object.fromEntries(expired.map((name) => [name, 5]));
        const isLiveAs = (name: string): boolean => desired[name] === ['a', 'b', 'c'][live[name] ?? 3];
        const isRemoved = MANAGE_MODES[manage].removes !== 'none';
        const declared = Object.keys(desired).filter((name) => desired[name] !== null);
        const history = isRemoved ? { since: declared.filter(isLiveAs) } : { released: declared };
        const world: World = {
          flags,
          live,
          desired,
          applied,
          expires,
          policy,
          now: 10,
          manageThen: manage,
          ...history,
        };
        // A declaration that an archived flag contradicts prevents the next apply.
        if (compared(world).diagnostics.length > 0) return;
        const gone = new Set(
          tidied(world)
            .filter((verdict) => !verdict.includes('('))
            .map((verdict) => verdict.split(':')[0] ?? ''),
        );
        const left = Object.fromEntries(Object.entries(desired).filter(([name]) => !gone.has(name)));
        const now = { ...live };
        const apply = (edited: World): Record<string, number> => {
          const result = { ...live };
          for (const change of planned(edited).changes) {
            const name = overrideKey(change).replaceAll('\n', ' ');
            if (change.after === null) delete result[name];
            else result[name] = change.after.variation;
          }
          return result;
        };
        const [before, after] = [apply(world), apply({ ...world, desired: left })];
        for (const name of names) {
          if (name.startsWith('old')) expect(after[name]).toBe(now[name]);
          // Without a target, the fallthrough serves variation 0.
          else expect(after[name] ?? 0).toBe(before[name] ?? 0);
        }
      },
    ),
    { numRuns: 300 },
  );
});
