import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonical, type Json } from '../../src/json/json.js';
import { createValueLookup, isSettable } from '../../src/reconcile/override-values.js';
import type { LiveFlag, Variation } from '../../src/reconcile/state.js';

const text = fc.option(fc.constantFrom('a', 'b'), { nil: undefined });
const value = fc.constantFrom<Json>(null, 1, '1', true, { a: 1, b: 2 }, { b: 2, a: 1 }, [1]);
const flags = fc
  .array(fc.record<Variation>({ id: text, name: text, value }), { maxLength: 4 })
  .map((variations): LiveFlag => ({ key: 'f', state: 'live', variations, environments: new Map() }));

it('the value of an override has what LaunchDarkly gave, and says whether only an id selects its variation', () => {
  fc.assert(
    fc.property(fc.array(flags, { maxLength: 2 }), fc.nat(4), (all, index) => {
      const valueOf = createValueLookup();
      for (const flag of [...all, ...all]) {
        const variation = flag.variations[index];
        const found = valueOf(flag, index);
        if (variation === undefined) {
          expect(found).toBeNull();
          continue;
        }
        const same = flag.variations.filter((one) => canonical(one.value) === canonical(variation.value));
        expect(found).toStrictEqual({
          variation: index,
          value: variation.value,
          ...(variation.name === undefined ? {} : { name: variation.name }),
          ...(variation.id === undefined ? {} : { id: variation.id }),
          ...(variation.value === null || same.length > 1 ? { onlyById: true } : {}),
        });
      }
    }),
  );
});

it('there is no value without an index, and the changes of a flag share values', () => {
  fc.assert(
    fc.property(flags, fc.nat(4), (flag, index) => {
      const valueOf = createValueLookup();
      expect(valueOf(flag, undefined)).toBeNull();
      expect(valueOf(flag, index)).toBe(valueOf(flag, index));
    }),
  );
});

it.each([
  [{}, { put: true, batch: true, auto: true }],
  [{ id: 'x' }, { put: true, batch: true, auto: true }],
  [{ onlyById: true as const }, { put: false, batch: false, auto: false }],
  [
    { onlyById: true as const, id: 'x' },
    { put: false, batch: true, auto: true },
  ],
])('an override value with %j can be set as follows: %j', (parts, expected) => {
  for (const mode of ['put', 'batch', 'auto'] as const)
    expect(isSettable({ variation: 0, value: 1, ...parts }, mode)).toBe(expected[mode]);
});
