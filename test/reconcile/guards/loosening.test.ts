import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import planSchema from '../../../schemas/plan.schema.json' with { type: 'json' };
import { isJudgedTwice, loosenedKeys, loosenedScopes } from '../../../src/reconcile/guards/loosening.js';
import { pathGlob } from '../../../src/glob/glob.js';
import { flagFilter, type ScopePolicy } from '../../../src/reconcile/policy.js';
import { MANAGE_MODES, type ManageMode } from '../../../src/reconcile/manage.js';
import { PRUNE_MODES, type PruneMode, pruneRules } from '../../../src/reconcile/prune.js';
import { COMMIT, planned, POLICY, SHOP, type World } from '../world.js';

const FLAG_GLOBS = ['*', 'f', 'theme', 'f*', '?', '[a-f]', 'th*'];
const CONTEXT_GLOBS = ['*:*', 'user:*', 'user:u1', 'device:*', 'user:u?'];
const share = fc.constantFrom(0, 0.1, 0.3, 0.5, 1);
const policies: fc.Arbitrary<ScopePolicy> = fc.record({
  prune: fc.constantFrom(...(Object.keys(PRUNE_MODES) as PruneMode[])),
  manage: fc.constantFrom(...(Object.keys(MANAGE_MODES) as ManageMode[])),
  drift: fc.constantFrom('repair', 'report'),
  approvals: fc.constantFrom('report', 'request'),
  notify: fc.constant(POLICY.notify),
  policies: fc.constant(POLICY.policies),
  expiry: fc.constantFrom('git', 'launchdarkly'),
  paused: fc.constantFrom(undefined, 'freeze'),
  files: fc.constantFrom(undefined, ['a/**'], ['a/**', '!a/b/**']),
  flags: fc.record({
    include: fc.subarray(FLAG_GLOBS),
    exclude: fc.subarray(FLAG_GLOBS),
  }),
  protect: fc.record({ flags: fc.subarray(FLAG_GLOBS), contexts: fc.subarray(CONTEXT_GLOBS) }),
  limits: fc.record({
    updates: share,
    removals: share,
    floor: fc.constantFrom(0, 2, 10),
    changes: fc.constantFrom(null, 0, 3),
  }),
});

const keysOf = (before: ScopePolicy, after: ScopePolicy): string[] =>
  loosenedKeys(SHOP, before, after, COMMIT).map(({ key }) => key);

/** `POLICY` with other values. */
const policyWith = (more: Partial<ScopePolicy>): ScopePolicy => ({ ...POLICY, ...more });
const limits = (more: Partial<ScopePolicy['limits']>): ScopePolicy =>
  policyWith({ limits: { ...POLICY.limits, ...more } });

describe('what is looser', () => {
  it.each<[string, ScopePolicy, ScopePolicy]>([
    ['prune', policyWith({ prune: 'never' }), policyWith({ prune: 'owned' })],
    ['prune', policyWith({ prune: 'owned' }), policyWith({ prune: 'contexts' })],
    ['prune', policyWith({ prune: 'contexts' }), policyWith({ prune: 'environment' })],
    ['manage', policyWith({ manage: 'none' }), policyWith({ manage: 'create' })],
    ['manage', policyWith({ manage: 'none' }), policyWith({ manage: 'keep' })],
    ['manage', policyWith({ manage: 'create' }), policyWith({ manage: 'full' })],
    ['manage', policyWith({ manage: 'keep' }), policyWith({ manage: 'full' })],
    ['drift', policyWith({ drift: 'report' }), policyWith({ drift: 'repair' })],
    ['paused', policyWith({ paused: 'freeze' }), POLICY],
    [
      'flags.include',
      policyWith({ flags: { include: ['a'], exclude: [] } }),
      policyWith({ flags: { include: ['a', 'b'], exclude: [] } }),
    ],
    [
      'flags.exclude',
      policyWith({ flags: { include: ['*'], exclude: ['a', 'b'] } }),
      policyWith({ flags: { include: ['*'], exclude: ['a*'] } }),
    ],
    ['protect.flags', policyWith({ protect: { flags: ['a'], contexts: [] } }), POLICY],
    [
      'protect.contexts',
      policyWith({ protect: { flags: [], contexts: ['user:a'] } }),
      policyWith({ protect: { flags: [], contexts: ['user:b'] } }),
    ],
    ['files', policyWith({ files: ['a/**'] }), POLICY],
    ['files', policyWith({ files: ['a/**'] }), policyWith({ files: ['a/**', 'b/*'] })],
    ['files', policyWith({ files: ['**', '!b/**'] }), policyWith({ files: ['**'] })],
    ['files', policyWith({ files: ['a/**', '!a/b/**'] }), policyWith({ files: ['a/**'] })],
    ['limits.updates', limits({ updates: 0.3 }), limits({ updates: 0.31 })],
    ['limits.removals', limits({ removals: 0 }), limits({ removals: 0.01 })],
    ['limits.floor', limits({ floor: 10 }), limits({ floor: 11 })],
    ['limits.changes', limits({ changes: 3 }), limits({ changes: null })],
    ['limits.changes', limits({ changes: 3 }), limits({ changes: 4 })],
    ['manage', policyWith({ manage: 'keep' }), policyWith({ manage: 'create' })],
  ])('%s is looser one way, and not the other', (key, before, after) => {
    expect(keysOf(before, after)).toEqual([key]);
    const isSwap =
      key === 'protect.contexts' ||
      key === 'flags.exclude' ||
      `${before.manage} ${after.manage}` === 'keep create';
    expect(keysOf(after, before)).toEqual(isSwap ? [key] : []);
  });

  it('a glob for everything covers every other one', () => {
    const all = policyWith({
      files: ['a/**', '!**'],
      flags: { include: ['x'], exclude: ['*'] },
      protect: { flags: ['*'], contexts: ['*:*'] },
    });
    const some = policyWith({
      files: ['**', '!b/**'],
      flags: { include: ['*'], exclude: ['ops-*'] },
      protect: { flags: ['a', 'b'], contexts: ['user:a'] },
    });
    expect(keysOf(some, all)).toEqual([]);
  });

  it('plan.schema.json lists exactly the keys that can be loosened', () => {
    const strict = {
      prune: 'never',
      manage: 'none',
      drift: 'report',
      approvals: 'report',
      notify: { members: [], teams: [] },
      expiry: 'git',
      paused: 'freeze',
      files: ['a/**'],
      flags: { include: [], exclude: ['x'] },
      protect: { flags: ['x'], contexts: ['user:x'] },
      limits: { updates: 0, removals: 0, floor: 0, changes: 0 },
      policies: { require: ['owner'], maxLifetime: 1, maxPerContext: 1, maxPerFlag: 1 },
    } as const;
    const loose = policyWith({ prune: 'environment', approvals: 'request', expiry: 'launchdarkly' });
    expect([...keysOf(strict, loose), 'scopes']).toEqual(planSchema.$defs.loosening.properties.key.enum);
  });

  it('a loosened key shows its values as the configuration has them, with the commit it is compared with', () => {
    const before = policyWith({
      prune: 'never',
      drift: 'report',
      paused: 'freeze',
      files: ['a/**'],
      flags: { include: ['a'], exclude: ['x'] },
      protect: { flags: ['b'], contexts: ['user:c'] },
      limits: { updates: 0.07, removals: 0, floor: 2, changes: 3 },
    });
    const after = policyWith({ limits: { updates: 0.285, removals: 1 / 3, floor: 3, changes: null } });
    const loosened = loosenedKeys(SHOP, before, after, COMMIT);
    expect(loosened).toEqual(
      loosened.map((one) => expect.objectContaining({ ...SHOP, key: one.key, lastApplied: COMMIT })),
    );
    expect(loosened.map((one) => [one.key, one.before, one.after])).toEqual([
      ['prune', 'never', 'owned'],
      ['drift', 'report', 'repair'],
      ['paused', 'freeze', null],
      ['files', ['a/**'], null],
      ['flags.include', ['a'], ['*']],
      ['flags.exclude', ['x'], []],
      ['protect.flags', ['b'], []],
      ['protect.contexts', ['user:c'], []],
      ['limits.updates', '7%', '28.5%'],
      ['limits.removals', '0%', '33.333333%'],
      ['limits.floor', 2, 3],
      ['limits.changes', 3, null],
    ]);
    expect(loosened.map(({ key }) => key).filter(isJudgedTwice)).toEqual([
      'protect.flags',
      'protect.contexts',
      'limits.updates',
      'limits.removals',
      'limits.floor',
      'limits.changes',
    ]);
  });

  it('files are looser if a file may declare that could not, wherever the globs are in the list', () => {
    const globs = fc.subarray(['**', 'a/**', 'a/b/**', '*.yaml', '!**', '!a/**', '!a/b/x.yaml'], {
      minLength: 1,
    });
    const matches = (list: readonly string[], path: string): boolean => {
      const some = (isExcluding: boolean): boolean =>
        list
          .filter((glob) => glob.startsWith('!') === isExcluding)
          .some((glob) => pathGlob(isExcluding ? glob.slice(1) : glob).matches(path));
      return some(false) && !some(true);
    };
    fc.assert(
      fc.property(globs, globs, (before, after) => {
        const shown = keysOf(policyWith({ files: before }), policyWith({ files: after }));
        const letsIn = ['x.yaml', 'a/x.yaml', 'a/b/x.yaml', 'c/x.yml'].some(
          (path) => matches(after, path) && !matches(before, path),
        );
        const onlyExcludesMore =
          after.every((glob) => glob.startsWith('!') || before.includes(glob)) &&
          before.every((glob) => !glob.startsWith('!') || after.includes(glob));
        // Between the two, globs are compared as text.
        expect(letsIn ? ['files'] : onlyExcludesMore ? [] : shown).toEqual(shown);
      }),
    );
  });

  it('a policy is not looser than itself, and a flag that only the later policy admits is always shown', () => {
    fc.assert(
      fc.property(policies, policies, (before, after) => {
        expect(keysOf(before, before)).toEqual([]);
        const shown = keysOf(before, after);
        const admitsMore = ['f', 'theme', 'other'].some(
          (flag) => flagFilter(after)(flag) && !flagFilter(before)(flag),
        );
        if (admitsMore) expect(shown.join()).toContain('flags.');
        const prunesMore = [true, false].some(
          (contextDeclared) =>
            pruneRules(after.prune).removesOthers({ contextDeclared }) &&
            !pruneRules(before.prune).removesOthers({ contextDeclared }),
        );
        if (prunesMore) expect(shown).toContain('prune');
      }),
    );
  });

  it('a plan that only the applied policy refuses shows what was loosened', () => {
    const worlds = fc.record({
      update: fc.integer({ min: 0, max: 4 }),
      remove: fc.integer({ min: 0, max: 4 }),
      before: policies,
      after: policies,
    });
    let refusals = 0;
    fc.assert(
      fc.property(worlds, ({ update, remove, before, after }) => {
        const names = Array.from({ length: 10 }, (_, index) => `f user u${index}`);
        const given: World = {
          live: Object.fromEntries(names.map((name) => [name, 0])),
          desired: Object.fromEntries(names.slice(remove).map((name, index) => [name, index >= update])),
          applied: Object.fromEntries(names.map((name) => [name, true])),
          policy: { ...after, flags: POLICY.flags },
          appliedPolicy: { ...before, flags: POLICY.flags },
        };
        const plan = planned(given);
        const codes = (judge: string): string[] =>
          plan.guards.filter(({ judgedBy }) => judgedBy === judge).map(({ code }) => code);
        const head = codes('head');
        const onlyApplied = codes('last-applied').filter((code) => !head.includes(code));
        if (onlyApplied.length === 0) return;
        refusals += 1;
        const shown = keysOf(before, after) as Parameters<typeof isJudgedTwice>[0][];
        expect([...shown.filter(isJudgedTwice), ...shown.filter((key) => key === 'prune')]).not.toEqual([]);
      }),
    );
    expect(refusals).toBeGreaterThan(0);
  });

  it('HEAD alone decides with --allow-loosened', () => {
    const given: World = {
      desired: { 'f user a': true },
      appliedPolicy: { protect: { flags: ['f'], contexts: [] } },
      moved: 'it was elsewhere',
    };
    const refused = planned(given).guards.map(({ code, lifted }) => [code, lifted]);
    expect(refused).toEqual([
      ['protected', false],
      ['configuration-moved', false],
    ]);
    const allowed = planned({ ...given, allowLoosened: true });
    expect(allowed.guards).toMatchObject([
      { code: 'configuration-moved', lifted: true, liftedBy: '--allow-loosened' },
    ]);
    expect(allowed.scopes[0]?.judgedBy).toBe('head');
  });
});

describe('the list of scopes', () => {
  const A = SHOP;
  const B = { project: 'shop', environment: 'staging' };
  const list = (scopes: (typeof A)[] | undefined, appliedTo = A, commit = COMMIT) => ({
    scopes,
    appliedTo,
    commit,
  });

  it('a scope that no applied configuration allowed is looser, and so is dropping the list', () => {
    expect(loosenedScopes([list([A])], [A, B])).toMatchObject([{ ...B, key: 'scopes', after: 'listed' }]);
    expect(loosenedScopes([list([A])], undefined)).toMatchObject([
      { key: 'scopes', before: ['shop/production'], after: null },
    ]);
    expect(loosenedScopes([list([A, B])], [A])).toEqual([]);
    expect(loosenedScopes([list(undefined)], [A, B])).toEqual([]);
    expect(loosenedScopes([list(undefined)], undefined)).toEqual([]);
    expect(loosenedScopes([], [A])).toEqual([]);
  });

  it('a loosened list names the scope or the list, and the commit it is compared with', () => {
    const other = { ...COMMIT, id: 'f'.repeat(40) };
    expect(loosenedScopes([list(undefined, B), list([A, B], A, other)], undefined)).toEqual([
      { key: 'scopes', before: ['shop/production', 'shop/staging'], after: null, lastApplied: other },
    ]);
    expect(loosenedScopes([list([A]), list([A], B, other)], [B])).toEqual([
      { ...B, key: 'scopes', before: 'not listed', after: 'listed', lastApplied: other },
    ]);
    expect(loosenedScopes([list([A])], [B])).toEqual([
      { ...B, key: 'scopes', before: 'not listed', after: 'listed', lastApplied: COMMIT },
    ]);
  });

  it('a scope that was applied is compared with its own last-applied configuration', () => {
    expect(loosenedScopes([list([A, B]), list([A], B)], [A, B])).toMatchObject([{ ...B, key: 'scopes' }]);
    expect(loosenedScopes([list([A]), list([A, B], B)], [A, B])).toEqual([]);
    // A scope that was never applied may be in any of the lists.
    const C = { project: 'shop', environment: 'test' };
    expect(loosenedScopes([list([A]), list([A, B, C], B)], [A, B, C])).toEqual([]);
  });
});
