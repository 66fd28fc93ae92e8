import { describe, expect, it } from 'vitest';
import { isRefused, refusal } from '../../../src/reconcile/guards/refusal.js';
import { GUARDS } from '../../../src/reconcile/guards/table.js';
import { COMMIT, planned, POLICY, type World } from '../world.js';

const strict = { limits: { ...POLICY.limits, changes: 0 } };
const stricter = { limits: { ...POLICY.limits, changes: 1 } };
const guarded = { protect: { flags: ['f'], contexts: [] } };
const id = COMMIT.id.slice(0, 12);

/** Two changes. */
const world: World = { desired: { 'f user a': true, 'f user b': true } };

const refusals = (more: World): object[] =>
  planned({ ...world, ...more }).guards.map(({ message, remedy, judgedBy }) => ({
    message,
    remedy,
    judgedBy,
  }));

describe('which configuration refuses', () => {
  it('without a configuration that was applied, a refusal names none', () => {
    const message = 'shop/production: 2 changes, limit 0';
    expect(refusals({ policy: strict })).toEqual([
      { message, remedy: GUARDS.changes.remedy, judgedBy: undefined },
    ]);
    expect(refusals({})).toEqual([]);
  });

  it('if both refuse alike, there is one refusal, and the remedy is a change that is applied first', () => {
    expect(refusals({ policy: strict, appliedPolicy: strict })).toEqual([
      {
        message: 'shop/production: 2 changes, limit 0',
        remedy: `--force, or changing ${GUARDS.changes.key} in the configuration and applying that on its own first`,
        judgedBy: undefined,
      },
    ]);
    expect(refusals({ policy: guarded, appliedPolicy: guarded })).toEqual([
      {
        message: 'shop/production: f for user "a" and 1 more are protected',
        remedy: `changing ${GUARDS.protected.key} in the configuration and applying that on its own first; --force does not lift it`,
        judgedBy: undefined,
      },
    ]);
  });

  it('if only one refuses, or both do so for other reasons, each refusal says which', () => {
    const applied = {
      message: `shop/production: 2 changes, limit 0 according to the last applied configuration (${id})`,
      remedy: `--force, or applying the change of ${GUARDS.changes.key} on its own first, or --allow-loosened`,
      judgedBy: 'last-applied',
    };
    const head = {
      message: "shop/production: 2 changes, limit 1 according to HEAD's configuration",
      remedy: GUARDS.changes.remedy,
      judgedBy: 'head',
    };
    expect(refusals({ appliedPolicy: strict })).toEqual([applied]);
    expect(refusals({ policy: stricter, appliedPolicy: {} })).toEqual([head]);
    expect(refusals({ policy: stricter, appliedPolicy: strict })).toEqual([head, applied]);
    expect(refusals({ appliedPolicy: guarded })).toEqual([
      {
        message: `shop/production: f for user "a" and 1 more are protected according to the last applied configuration (${id})`,
        remedy: `applying the change of ${GUARDS.protected.key} on its own first, or --allow-loosened; --force does not lift it`,
        judgedBy: 'last-applied',
      },
    ]);
    expect(refusals({ policy: {}, appliedPolicy: {} })).toEqual([]);
  });
});

describe('the changes that are protected', () => {
  const both: World = { desired: { 'f user a': true, 'theme user b': 'dark' } };
  const marked = (more: World): string[] =>
    planned({ ...both, ...more }).changes.flatMap(({ flag, protected: isProtected }) =>
      isProtected ? [flag] : [],
    );
  const theme = { protect: { flags: [], contexts: ['user:b'] } };

  it('HEAD and the configuration that was last applied protect them', () => {
    expect(marked({})).toEqual([]);
    expect(marked({ policy: guarded })).toEqual(['f']);
    expect(marked({ policy: guarded, appliedPolicy: theme })).toEqual(['f', 'theme']);
    expect(marked({ appliedPolicy: theme })).toEqual(['theme']);
  });

  it('with --allow-loosened only HEAD protects them', () => {
    expect(marked({ policy: guarded, appliedPolicy: theme, allowLoosened: true })).toEqual(['f']);
  });

  it('protection is not part of the fingerprint', () => {
    expect(planned({ ...both, policy: guarded }).fingerprint).toBe(planned(both).fingerprint);
  });
});

describe('what no guard refuses', () => {
  it('nothing is refused if nothing changes, even with a floor of 0', () => {
    const limits = { updates: 0, removals: 0, floor: 0, changes: 0 };
    expect(refusals({ desired: {}, policy: { limits } })).toEqual([]);
    expect(refusals({ desired: { 'f user a': null }, policy: { limits } })).toEqual([]);
  });
});

it('a plan is refused if any of its guards is not lifted', () => {
  const open = refusal('changes', 'message', new Set());
  const lifted = refusal('changes', 'message', new Set(['force']));
  expect(isRefused([])).toBe(false);
  expect(isRefused([lifted, lifted])).toBe(false);
  expect(isRefused([lifted, open])).toBe(true);
  expect(isRefused([open])).toBe(true);
});
