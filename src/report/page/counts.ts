import type { ExpiryChange } from '../../reconcile/dates.js';
import type { Change } from '../../reconcile/plan.js';
import { grouped, plural } from '../../text/plural.js';
import { SIGNS } from './rows.js';

/** The counts of changes that are not zero: `➕ 7 to add · ✏️ 2 to update · 📅 1 date to set`. */
export function changesText(items: readonly (Change | ExpiryChange)[]): string {
  const changes = items.filter((item) => 'warnings' in item);
  const dates = items.filter((item) => !('warnings' in item));
  const parts = (['add', 'update', 'remove'] as const).flatMap((action) => {
    const count = changes.filter((change) => change.action === action).length;
    return count === 0 ? [] : [`${SIGNS[action]} ${grouped(count)} to ${action}`];
  });
  const dated = (['set', 'move', 'remove'] as const).flatMap((action) => {
    const count = dates.filter((date) => date.action === action).length;
    return count === 0 ? [] : [`${SIGNS.date} ${plural(count, 'date')} to ${action}`];
  });
  return [...parts, ...dated].join(' · ');
}
