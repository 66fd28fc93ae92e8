import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { globFault } from '../../src/glob/glob.js';
import {
  type ChangeFilter,
  checkFilter,
  contextGlob,
  contextName,
  filterChanges,
  isFiltering,
  nameFilter,
  unmatchedGlobs,
} from '../../src/reconcile/filter.js';
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

const PARTS = ['flags', 'contexts'] as const;

test('a filter filters if it has a glob, whichever part it is in', () => {
  expect(isFiltering(NO_FILTER)).toBe(false);
  for (const part of PARTS) expect(isFiltering({ ...NO_FILTER, [part]: ['*'] })).toBe(true);
});

test('a filter is checked glob by glob, and the first bad one is the error', () => {
  const filter: ChangeFilter = { flags: ['f', 'kill-*'], contexts: ['a b', 'device:x y', 'urn:*'] };
  for (const valid of [filter, NO_FILTER]) expect(() => checkFilter(valid)).not.toThrow();
  for (const part of PARTS) {
    const bad = { ...filter, [part]: ['fine', 'bad[', 'worse['] };
    expect(() => checkFilter(bad)).toThrow(expect.objectContaining({ code: 'bad-glob' }));
    expect(() => checkFilter(bad)).toThrow('bad[');
  }
  // The colon of a context ends the glob for its kind.
  for (const [part, isValid] of [
    ['flags', true],
    ['contexts', false],
  ] as const) {
    const check = (): void => checkFilter({ ...NO_FILTER, [part]: ['a[:]b'] });
    if (isValid) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'bad-glob' }));
  }
});

test.each([
  ['flags', '--flag is empty'],
  ['contexts', '--context is empty'],
])('an empty glob among the %s of a filter is an error: %s', (part, message) => {
  const hint = 'leave it out to select everything';
  expect(() => checkFilter({ ...NO_FILTER, [part]: ['f', ''] })).toThrow(
    expect.objectContaining({ code: 'filter-empty', message, hint }),
  );
});

test('a filter selects the changes that each of its parts selects', () => {
  const changes = changesOfKeys();
  const selected = (filter: Partial<ChangeFilter>): string[] =>
    filterChanges(changes, { ...NO_FILTER, ...filter }).map(
      ({ flag, kind, key }) => `${flag} ${kind} ${key}`,
    );
  expect(selected({})).toHaveLength(2 * KEYS.length);
  expect(selected({ flags: ['f'], contexts: ['alice', '*:bob'] })).toEqual(['f user alice', 'f user bob']);
  expect(selected({ flags: ['theme'], contexts: ['alice', '*:bob'] })).toEqual(['theme organization bob']);
});

test('no globs select every name', () => {
  expect(nameFilter([])('anything')).toBe(true);
  expect(nameFilter(['some*'])('anything')).toBe(false);
});

test('no further names are read once each glob has matched one', () => {
  function* endless(): Generator<string> {
    yield* ['x', 'a', 'b'];
    throw new Error('read too far');
  }
  expect(unmatchedGlobs(['a', 'b'], endless())).toEqual([]);
  expect(() => unmatchedGlobs(['a', 'c'], endless())).toThrow('read too far');
});
