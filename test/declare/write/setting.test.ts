import { expect, it } from 'vitest';
import { writtenSetting } from '../../../src/declare/write/setting.js';
import type { Json } from '../../../src/json/json.js';
import type { LiveFlag } from '../../../src/reconcile/state.js';

function flag(variations: readonly (readonly [value: Json, name?: string])[], key = 'f'): LiveFlag {
  return {
    key,
    state: 'live',
    environments: new Map(),
    variations: variations.map(([value, name]) => ({ id: undefined, name, value })),
  };
}

it.each<readonly [what: string, LiveFlag, written: Json]>([
  ['a value', flag([['dark', 'Dark']]), 'dark'],
  ['an object', flag([[{ a: [1] }]]), { a: [1] }],
  ['an object with a reserved key', flag([[{ $variation: 1 }]]), { $value: { $variation: 1 } }],
  ['null, by name', flag([[null, 'Off']]), { $variation: 'Off' }],
  ['null without a name, by index', flag([[null]]), { $variation: 0 }],
  [
    'a shared value, by name',
    flag([
      [true, 'A'],
      [true, 'B'],
    ]),
    { $variation: 'A' },
  ],
  [
    'a shared value and name, by index',
    flag([
      [true, 'A'],
      [true, 'A'],
    ]),
    { $variation: 0 },
  ],
  ['a number that YAML would not keep exactly', flag([[1e21, 'Huge']]), { $variation: 'Huge' }],
  ['an object with a merge key', flag([[{ '<<': 1 }]]), { $variation: 0 }],
])('an import writes %s', (_, of, written) => {
  expect(writtenSetting(of, 0)).toEqual(written);
});

it('an import cannot write a flag whose key is refused', () => {
  expect(writtenSetting(flag([[true]], 'a/b'), 0)).toBeUndefined();
});
