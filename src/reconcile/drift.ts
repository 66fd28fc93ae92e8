import { estimateWrites } from './estimate.js';
import { fingerprintOf } from './fingerprint.js';
import { type Change, countActions, isSetElsewhere, type Plan } from './plan.js';
import { scopeKey } from './state.js';

/** Whether live moved away from what was last applied, regardless of what is declared now. */
function isDrift(change: Pick<Change, 'mark' | 'liveMoved'>): boolean {
  return isSetElsewhere(change.mark) || change.liveMoved;
}

/** The drift in a plan, as a plan. It is not meant to be applied, so it has no guards. */
export function driftOf(plan: Plan): Plan {
  const changes = plan.changes.filter(isDrift);
  const dates = plan.dates.filter(isDrift);
  return {
    ...plan,
    changes,
    dates,
    counts: countActions(changes),
    scopes: plan.scopes.map((scope) => ({
      ...scope,
      counts: countActions(changes.filter((change) => scopeKey(change) === scopeKey(scope))),
    })),
    loosened: [],
    guards: [],
    expiring: { past: [], soon: [] },
    fingerprint: fingerprintOf(plan.baseUrl, changes, dates),
    estimate: estimateWrites(changes, dates, plan.estimate.paces, plan.writes),
  };
}
