import { type ScopeId, scopeKey } from '../reconcile/state.js';

/** Changes by the key of their scope, in the plan's order. */
export function byScope<Item extends ScopeId>(
  changes: readonly Item[],
): ReadonlyMap<string, readonly Item[]> {
  const grouped = new Map<string, Item[]>();
  for (const change of changes) {
    const known = grouped.get(scopeKey(change));
    if (known === undefined) grouped.set(scopeKey(change), [change]);
    else known.push(change);
  }
  return grouped;
}
