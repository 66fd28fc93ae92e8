import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonical, type Json } from '../../src/json/json.js';
import { NONE, resolveSetting, settingKey } from '../../src/reconcile/setting.js';
import type { Setting } from '../../src/reconcile/state.js';

it.each<[Setting, string]>([
  [NONE, 'none'],
  [{ type: 'value', value: 'none' }, 'value "none"'],
  [{ type: 'value', value: 1 }, 'value 1'],
  [{ type: 'variation', variation: 1 }, 'variation 1'],
  [{ type: 'variation', variation: '1' }, 'variation "1"'],
])('the key of %j is %s', (setting, key) => {
  expect(settingKey(setting)).toBe(key);
});

it('two settings have the same key if and only if they are of the same type and say the same', () => {
  const value = fc.oneof(fc.constantFrom('none', '1', 'a'), fc.nat(2), fc.jsonValue({ maxDepth: 1 }));
  const setting = fc.oneof(
    fc.constant<Setting>(NONE),
    value.map((one): Setting => ({ type: 'value', value: one as Json })),
    fc
      .oneof(fc.constantFrom('1', 'a'), fc.nat(2))
      .map((one): Setting => ({ type: 'variation', variation: one })),
  );
  fc.assert(
    fc.property(setting, setting, (a, b) => {
      expect(settingKey(a) === settingKey(b)).toBe(canonical({ ...a }) === canonical({ ...b }));
    }),
  );
});

it('no override is resolved to none, whatever the variations are', () => {
  expect(resolveSetting(NONE, [])).toEqual({ type: 'none' });
  expect(resolveSetting(NONE, [{ id: 'x', name: 'none', value: null }])).toEqual({ type: 'none' });
});
