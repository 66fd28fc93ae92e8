import type { Change, ChangeElsewhere, Plan } from '../reconcile/plan.js';
import { scopeKey } from '../reconcile/state.js';
import { type AuditContext, FlagLog } from './flag-log.js';

/** The most requests to the audit log for one plan. They count against the rate limits as every request does. */
const MAX_REQUESTS = 20;

/**
 * Adds to each drifted override of a plan who changed it, if LaunchDarkly's audit log says so: the author of the newest
 * change of the override, unless that is one of ours, was made before the last applied commit, or set another value than the
 * live one. Without permission to read the audit log, or after an error, nothing is added.
 * @throws OperatorError only if the run is over
 */
export async function addAuthors(plan: Plan, about: Omit<AuditContext, 'budget'>): Promise<Plan> {
  const applied = new Map(plan.scopes.map((scope) => [scopeKey(scope), scope.lastApplied?.date]));
  const context = { ...about, budget: { requests: MAX_REQUESTS } };
  const logs = new Map<string, FlagLog>();
  const changes: Change[] = [];
  for (const change of plan.changes) {
    const since = applied.get(scopeKey(change));
    if (change.drift === undefined || change.withheld === 'other-shard' || since === undefined) {
      changes.push(change);
      continue;
    }
    const key = `${scopeKey(change)}/${change.flag}`;
    const log = logs.get(key) ?? new FlagLog(change, since, context);
    logs.set(key, log);
    const changed = await authorOf(change, since, log);
    changes.push(changed === undefined ? change : { ...change, drift: { ...change.drift, changed } });
  }
  return logs.size === 0 ? plan : { ...plan, changes };
}

async function authorOf(change: Change, since: number, log: FlagLog): Promise<ChangeElsewhere | undefined> {
  for await (const { entry, isOurs, variation } of log.eventsOf(change)) {
    const live = change.before?.variation ?? null;
    if (isOurs || entry.date <= since || (variation !== undefined && variation !== live)) return undefined;
    const { by, date, comment } = entry;
    return { by, date, ...(comment === undefined ? {} : { comment }) };
  }
  return undefined;
}
