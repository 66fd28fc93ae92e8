import { expect, it } from 'vitest';
import { PRUNE_MODES, type PruneMode, pruneRules } from '../../src/reconcile/prune.js';

const MODES = Object.keys(PRUNE_MODES) as PruneMode[];

it('each prune mode removes at least what the one before removes, from nothing to everything', () => {
  const removes = MODES.map((mode) => {
    const { removesOthers, removesOurs } = pruneRules(mode);
    const others = [true, false].map((contextDeclared) => removesOthers({ contextDeclared }));
    return [removesOurs, ...others].map(Number);
  });
  expect(removes).toEqual([
    [0, 0, 0],
    [1, 0, 0],
    [1, 1, 0],
    [1, 1, 1],
  ]);
  expect(MODES).toEqual(['never', 'owned', 'contexts', 'environment']);
});

it.each(MODES)('prune: %s reads and requires what it needs to decide, and no more', (mode) => {
  const { removesOthers, removesOurs, reads, refusesShallow, limitsAreShareOf } = pruneRules(mode);
  const removesSomeOthers = removesOthers({ contextDeclared: true });
  expect(reads).toBe(removesSomeOthers ? 'all' : removesOurs ? 'ours' : 'declared');
  // If only ownership decides, a history that is cut off would leave overrides behind.
  expect(refusesShallow).toBe(removesOurs && !removesSomeOthers);
  expect(limitsAreShareOf).toBe(removesOthers({ contextDeclared: false }) ? 'live' : 'ours');
});
