import { expect, test } from 'vitest';
import { declaredDates } from '../../src/reconcile/declared-dates.js';
import { overrideKey, type DesiredOverride, type DesiredScope } from '../../src/reconcile/state.js';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 10, 15);

interface Declared {
  readonly key: string;
  /** Days from now. */
  readonly days?: number;
  readonly line?: number;
  readonly col?: number;
  readonly file?: string;
}

function scope(environment: string, ...declared: readonly Declared[]): DesiredScope {
  const overrides = declared.map(({ key, days, line = 1, col = 10, file = 'a.yaml' }): DesiredOverride => {
    const expires = days === undefined ? undefined : { at: NOW + days * DAY, text: `day ${days}`, line, col };
    return {
      flag: 'f',
      kind: 'user',
      key,
      setting: { type: 'value', value: true },
      at: { file, line: 99, col: 1 },
      ...(expires === undefined ? {} : { expires }),
    };
  });
  return {
    scope: { project: 'shop', environment },
    overrides: new Map(overrides.map((override) => [overrideKey(override), override])),
  };
}

function listed(...scopes: readonly DesiredScope[]): { readonly past: string[]; readonly soon: string[] } {
  const { past, soon } = declaredDates(scopes, NOW);
  const [first, second] = [past, soon].map((dates) =>
    dates.map(({ at, expires, overrides }) => `${at.file}:${at.line}:${at.col} ${expires} ${overrides}`),
  );
  return { past: first ?? [], soon: second ?? [] };
}

test('a date that is now has passed, and one 14 days ahead is soon', () => {
  const days = [14.0001, 14, 0.0001, 0, -400];
  const found = listed(
    scope('production', ...days.map((each, line) => ({ key: `k${line}`, days: each, line }))),
  );
  expect(found).toEqual({
    past: ['a.yaml:4:10 day -400 1', 'a.yaml:3:10 day 0 1'],
    soon: ['a.yaml:2:10 day 0.0001 1', 'a.yaml:1:10 day 14 1'],
  });
});

test('the date of a file counts once for all of its overrides, in all environments', () => {
  const overrides = [{ key: 'a', days: -1 }, { key: 'b', days: -1 }, { key: 'c' }];
  expect(listed(scope('production', ...overrides), scope('staging', ...overrides))).toEqual({
    past: ['a.yaml:1:10 day -1 4'],
    soon: [],
  });
});

test('dates at the same time are in the order of their files, lines and columns', () => {
  const positions: readonly Partial<Declared>[] = [
    { file: 'b.yaml', line: 1 },
    { file: 'a.yaml', line: 2 },
    { file: 'a.yaml', line: 1, col: 30 },
    { file: 'a.yaml', line: 1, col: 4 },
    { file: 'c.yaml', line: 1 },
  ];
  const declared = positions.map((position, index) => ({ key: `k${index}`, days: 1, ...position }));
  const sorted = [
    'a.yaml:1:4 day 1 1',
    'a.yaml:1:30 day 1 1',
    'a.yaml:2:10 day 1 1',
    'b.yaml:1:10 day 1 1',
    'c.yaml:1:10 day 1 1',
  ];
  expect(listed(scope('production', ...declared)).soon).toEqual(sorted);
  expect(listed(scope('production', ...declared.toReversed())).soon).toEqual(sorted);
});
