import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type DateInstruction,
  dateInstruction,
  datesByContext,
  isWanted,
  planDateWrites,
} from '../../src/reconcile/date-writes.js';
import type { ExpiryChange } from '../../src/reconcile/dates.js';
import { fingerprintOf } from '../../src/reconcile/fingerprint.js';
import type { LiveDate } from '../../src/reconcile/state.js';
import { expiryChange } from '../support/dates.js';
import { planned } from './world.js';

const JUNE = 1000 * 86_400_000;
const JULY = 1030 * 86_400_000;

describe('writing dates', () => {
  const moment = fc.option(fc.constantFrom(JUNE, JULY, JUNE + 400), { nil: null });
  const live = fc.option(
    fc.record({
      kind: fc.constant('user'),
      key: fc.constant('a'),
      at: fc.constantFrom(JUNE, JULY),
      variationId: fc.constantFrom('v0', 'v1', undefined),
    }),
    { nil: undefined },
  );

  test('an instruction makes the date what it has to be, and there is none if it already is', () => {
    fc.assert(
      fc.property(moment, live, (after, before) => {
        const date = { kind: 'user', key: 'a', after };
        const instruction = dateInstruction(date, 'v1', before);
        expect(instruction === undefined).toBe(isWanted(date, 'v1', before));
        if (instruction === undefined) return;
        const { kind, value, variationId } = instruction;
        expect(kind.startsWith('add')).toBe(before === undefined);
        expect(kind.startsWith('remove')).toBe(after === null);
        const now: LiveDate | undefined =
          value === undefined ? undefined : { kind: 'user', key: 'a', at: value, variationId };
        expect(isWanted(date, 'v1', now)).toBe(true);
      }),
    );
  });

  test.each<[string, number | null, Partial<LiveDate> | undefined, Partial<DateInstruction> | undefined]>([
    ['a date is added', JUNE, undefined, { kind: 'addExpiringTarget', variationId: 'v1', value: JUNE }],
    ['no date is wanted, and there is none', null, undefined, undefined],
    ['the date is the same', JUNE, { at: JUNE, variationId: 'v1' }, undefined],
    [
      'the date is the same, and its variation unknown',
      JUNE,
      { at: JUNE, variationId: undefined },
      undefined,
    ],
    [
      'the date is moved',
      JULY,
      { at: JUNE, variationId: 'v1' },
      { kind: 'updateExpiringTarget', variationId: 'v1', value: JULY },
    ],
    [
      'the date is that of another variation',
      JUNE,
      { at: JUNE, variationId: 'v0' },
      { kind: 'updateExpiringTarget', variationId: 'v1', value: JUNE },
    ],
    [
      'a date is removed',
      null,
      { at: JUNE, variationId: 'v1' },
      { kind: 'removeExpiringTarget', variationId: 'v1' },
    ],
    [
      'the date of another variation is removed',
      null,
      { at: JUNE, variationId: 'v0' },
      { kind: 'removeExpiringTarget', variationId: 'v0' },
    ],
    [
      'the date of an unknown variation is removed',
      null,
      { at: JUNE, variationId: undefined },
      { kind: 'removeExpiringTarget', variationId: 'v1' },
    ],
  ])('the instruction if %s', (_, after, found, expected) => {
    const context = { kind: 'device', key: 'a' };
    const before: LiveDate | undefined =
      found === undefined ? undefined : { ...context, at: 0, variationId: undefined, ...found };
    expect(dateInstruction({ ...context, after }, 'v1', before)).toEqual(
      expected === undefined ? undefined : { contextKind: 'device', contextKey: 'a', ...expected },
    );
  });

  const dateOf = (index: number, more: Partial<ExpiryChange> = {}): ExpiryChange => {
    const [base] = planned({ desired: { 'f user a': true } }).changes;
    if (base === undefined) throw new Error('nothing is planned');
    return expiryChange({ ...base, key: `u${index}` }, null, JUNE, more);
  };

  test('each date is in one patch, with dates of the same flag, commit and reason only', () => {
    const some = fc.array(
      fc.record({
        flag: fc.constantFrom('f', 'g'),
        reason: fc.constantFrom('x', 'y'),
        withheld: fc.constantFrom(undefined, 'paused' as const),
      }),
    );
    fc.assert(
      fc.property(some, fc.integer({ min: 1, max: 3 }), (parts, values) => {
        const dates = parts.map((part, index) => dateOf(index, part));
        const writes = planDateWrites(dates, values);
        expect(writes.flat().toSorted((a, b) => dates.indexOf(a) - dates.indexOf(b))).toEqual(
          dates.filter(({ withheld }) => withheld === undefined),
        );
        for (const write of writes) {
          expect(write.length).toBeLessThanOrEqual(values);
          expect(new Set(write.map(({ flag, reason }) => `${flag} ${reason}`)).size).toBe(1);
        }
      }),
    );
  });

  test('a patch is filled before the next one of its flag and commit starts', () => {
    const [a, b, c] = [dateOf(1), dateOf(2), dateOf(3)];
    const other = dateOf(4, { flag: 'g' });
    expect(planDateWrites([a, other, b, c], 2)).toEqual([[a, b], [other], [c]]);
    expect(planDateWrites([a, other, b, c], 500)).toEqual([[a, b, c], [other]]);
  });

  test('the fingerprint depends on every date, and without dates it is that of the changes', () => {
    const of = (...dates: readonly ExpiryChange[]): string =>
      fingerprintOf('https://app.launchdarkly.com', [], dates);
    const [first, second] = [dateOf(1), dateOf(2)];
    expect(of(first, second)).toBe(of(second, first));
    const all = [
      of(),
      of(first),
      of(first, second),
      of({ ...first, after: JULY }),
      of({ ...first, before: JULY }),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(of({ ...first, mark: 'drift', expires: '2030-01-01' })).toBe(of(first));
  });
});

test('the dates of a flag are found by context', () => {
  const date = { kind: 'device', key: 'a\nb', at: JUNE, variationId: 'v' };
  expect(datesByContext([date]).get('device\na\nb')).toBe(date);
});
