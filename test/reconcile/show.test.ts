import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonical, type Json } from '../../src/json/json.js';
import { showOverride, showSetting, showValue } from '../../src/reconcile/show.js';
import type { Setting } from '../../src/reconcile/state.js';

it.each<[Setting, string]>([
  [{ type: 'none' }, 'null'],
  [{ type: 'value', value: 'dark' }, '"dark"'],
  [{ type: 'value', value: { b: 1, a: [true] } }, '{"a":[true],"b":1}'],
  [{ type: 'variation', variation: 2 }, '{$variation: 2}'],
  [{ type: 'variation', variation: 'Dark' }, '{$variation: "Dark"}'],
])('a setting %j is shown as it is declared: %s', (setting, shown) => {
  expect(showSetting(setting)).toBe(shown);
});

it('a value is shown as canonical JSON if that fits, and otherwise as its beginning and three dots', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.integer({ min: 3, max: 30 }), (value, maxLength) => {
      const text = canonical(value as Json);
      const shown = showValue(value as Json, maxLength);
      if (text.length <= maxLength) expect(shown).toBe(text);
      else {
        expect(shown).toHaveLength(maxLength);
        expect(shown).toBe(`${text.slice(0, -3 + maxLength)}...`);
      }
    }),
  );
  expect(showValue('x'.repeat(78))).toBe(`"${'x'.repeat(78)}"`);
  expect(showValue('x'.repeat(79))).toBe(`"${'x'.repeat(76)}...`);
});

it('an override is shown with its key in quotation marks, since a key may contain anything', () => {
  expect(showOverride({ flag: 'theme', kind: 'user', key: 'a "b"\n' })).toBe('theme for user "a \\"b\\"\\n"');
});
