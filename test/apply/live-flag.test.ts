import { expect, test } from 'vitest';
import { liveMoved, liveVariation, liveVariationId, unwritable } from '../../src/apply/live-flag.js';
import type { LiveFlag } from '../../src/reconcile/state.js';
import { liveProject } from '../reconcile/world.js';
import { change } from './setup.js';

const TARGET = { project: 'storefront', environment: 'production', flag: 'theme' };

function theme(more: Partial<LiveFlag> = {}): LiveFlag {
  const flag = liveProject({ live: { 'theme user alice': 1, 'theme user bob': 9 } }).flags.get('theme');
  if (flag === undefined) throw new Error('no flag');
  return { ...flag, ...more };
}

test('a flag that is gone or archived cannot be written to, nor can the rest of its changes', () => {
  expect(unwritable(undefined, TARGET)).toEqual({
    ending: {
      status: 'skipped',
      reason: 'flag-deleted',
      message: 'theme was deleted since the plan was made',
    },
    extent: 'flag',
  });
  expect(unwritable(theme({ state: 'archived' }), TARGET)).toEqual({
    ending: {
      status: 'skipped',
      reason: 'flag-archived',
      message: 'theme was archived since the plan was made',
    },
    extent: 'flag',
  });
  expect(unwritable(theme(), TARGET)).toBeUndefined();
  expect(unwritable(theme({ state: 'deprecated' }), TARGET)).toBeUndefined();
});

test('an override has the variation that is live in its environment, or none', () => {
  const alice = change('theme', 'alice', 1);
  const cases = [
    [theme(), alice, 1, 'id-1'],
    [theme(), change('theme', 'carol', 1), undefined, undefined],
    [theme(), change('theme', 'alice', 1, { kind: 'device' }), undefined, undefined],
    [theme(), change('theme', 'alice', 1, { environment: 'staging' }), undefined, undefined],
    // An index that the flag does not have.
    [theme(), change('theme', 'bob', 1), 9, undefined],
  ] as const;
  for (const [flag, one, index, id] of cases) {
    expect([liveVariation(flag, one), liveVariationId(flag, one)]).toEqual([index, id]);
  }
  expect(liveVariation(undefined, alice)).toBeUndefined();
});

test('an override that was changed elsewhere is skipped, and no other', () => {
  expect(liveMoved()).toEqual({
    ending: {
      status: 'skipped',
      reason: 'live-moved',
      message: 'live moved since the plan was made; plan again',
    },
    extent: 'change',
  });
});
