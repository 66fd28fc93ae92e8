import { expect, test } from 'vitest';
import { addDate, splitDatedFlags, splitDates } from '../../src/reconcile/date-key.js';
import { overrideKey, type Setting } from '../../src/reconcile/state.js';
import { idOf } from './world.js';

const JUNE = 1000 * 86_400_000;

test('dates are kept beside the settings, and can be separated again', () => {
  const id = idOf('f user a');
  const settings = new Map<string, Setting>([[overrideKey(id), { type: 'value', value: 1 }]]);
  const mixed = new Map(settings);
  addDate(mixed, id, JUNE);
  expect(splitDates(mixed)).toEqual({ settings, dates: new Map([[overrideKey(id), JUNE]]) });
  addDate(mixed, id, undefined);
  expect(splitDates(mixed)).toEqual({ settings, dates: new Map() });
});

test('flags of dates are separated from flags of settings', () => {
  expect(splitDatedFlags(new Set(['f', '@f', 'g']))).toEqual({
    flags: new Set(['f', 'g']),
    dated: new Set(['f']),
  });
});
