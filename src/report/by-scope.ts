import type { Change } from '../reconcile/plan.js';
import { scopeKey } from '../reconcile/state.js';

/** Changes by the key of their scope, in the plan's order. */
export function byScope(changes: readonly Change[]): ReadonlyMap<string, readonly Change[]> {
  const grouped = new Map<string, Change[]>();
  for (const change of changes) {
    const known = grouped.get(scopeKey(change));
    if (known === undefined) grouped.set(scopeKey(change), [change]);
    else known.push(change);
  }
  return grouped;
}
