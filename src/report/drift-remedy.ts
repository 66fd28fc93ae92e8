import { isRepairable } from '../reconcile/drift.js';
import type { Plan } from '../reconcile/plan.js';
import { countOverrides } from '../reconcile/state.js';

/** A purpose, and the command for it. */
export interface DriftRemedy {
  /** Without a full stop. */
  readonly words: string;
  readonly command: string;
}

/**
 * What restores the overrides that moved, or those of them that can be: the others wait for a full apply, because their
 * declarations changed as well. Undefined if it restores none.
 */
export function driftRemedy({ changes, dates }: Pick<Plan, 'changes' | 'dates'>): DriftRemedy | undefined {
  const items = [...changes, ...dates];
  const repairable = countOverrides(items.filter(isRepairable));
  if (repairable === 0) return undefined;
  const what = repairable === countOverrides(items) ? 'what was applied' : `${repairable} of them`;
  return { words: `To restore ${what}`, command: 'flagops apply --only drift' };
}
