import { expect, it } from 'vitest';
import { countOverrides } from '../../src/reconcile/state.js';
import { idOf, SHOP } from './world.js';

it('an override with a change and a date counts once, and the same one in another scope counts too', () => {
  const alice = { ...SHOP, ...idOf('f user alice') };
  expect(countOverrides([])).toBe(0);
  expect(countOverrides([alice, { ...alice }])).toBe(1);
  expect(countOverrides([alice, { ...alice, environment: 'staging' }, { ...alice, key: 'bob' }])).toBe(3);
});
