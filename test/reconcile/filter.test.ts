import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { globFault } from '../../src/glob/glob.js';
import { contextGlob, contextName, filterChanges, unmatchedGlobs } from '../../src/reconcile/filter.js';
import type { Plan } from '../../src/reconcile/plan.js';
import { NO_FILTER, planned } from './world.js';

const KEYS = ['alice', 'bob', 'urn:1', '*', 'a[b', 'zoë@example.com'];
/** A change of two flags for each key. */
const changesOfKeys = (): Plan['changes'] =>
  planned({
    desired: Object.fromEntries(
      KEYS.flatMap((key) => [
        [`f user ${key}`, true],
        [`theme organization ${key}`, 'dark'],
      ]),
    ),
  }).changes;

const names = KEYS.map((key) => key.replace('[', '[[]'));
const glob = fc.oneof(
  fc.constantFrom(
    ...names,
    ...names.map((name) => `organization:${name}`),
    'device:*',
    '*:*',
    'user:a*',
    'no-such-key',
  ),
  fc
    .string({ minLength: 1, maxLength: 4 })
    .filter((text) => globFault(contextGlob(text), 'context') === undefined),
);

test('a glob is unmatched if and only if it selects nothing', () => {
  const changes = changesOfKeys();
  fc.assert(
    fc.property(glob, (one) => {
      const selectsContext = filterChanges(changes, { ...NO_FILTER, contexts: [one] }).length > 0;
      expect(unmatchedGlobs([contextGlob(one)], changes.map(contextName))).toHaveLength(
        selectsContext ? 0 : 1,
      );
      const selectsFlag = filterChanges(changes, { ...NO_FILTER, flags: [one] }).length > 0;
      expect(
        unmatchedGlobs(
          [one],
          changes.map(({ flag }) => flag),
        ),
      ).toHaveLength(selectsFlag ? 0 : 1);
    }),
  );
});

test('only the globs that match no name are unmatched, in their order', () => {
  expect(unmatchedGlobs(['a', 'b*', 'c', 'd'], ['x', 'bb', 'a', 'd'])).toEqual(['c']);
  expect(unmatchedGlobs([], ['x'])).toEqual([]);
  expect(unmatchedGlobs(['x'], [])).toEqual(['x']);
});
