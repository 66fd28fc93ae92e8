import type { Change, ChangeElsewhere, Plan } from '../reconcile/plan.js';
import { showOverride } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { type AuditContext, FlagLog } from './flag-log.js';

/** The most requests to the audit log for one plan. They count against the rate limits as every request does. */
const MAX_REQUESTS = 20;

/** That many repairs of one override within `DAY` mean that something else keeps changing it. */
const REPAIRS = 3;

/** Milliseconds. */
const DAY = 86_400_000;

/** The drifted override of a plan, with the log of its flag. */
interface Traced {
  readonly change: Change;
  readonly log: FlagLog;
  /** When the last applied commit was made, epoch milliseconds. */
  readonly applied: number;
}

/**
 * Adds to a plan what LaunchDarkly's audit log says about its drifted overrides:
 *
 * - Who changed each of them: the author of the newest change of the override, unless that is one of ours, was made before
 *   the last applied commit, or set another value than the live one.
 * - A warning for each that was repaired several times within a day, with the other writer's name.
 *
 * Without permission to read the audit log, or after an error, nothing is added.
 * @param now epoch milliseconds
 * @throws OperatorError only if the run is over
 */
export async function consultAuditLog(
  plan: Plan,
  about: Omit<AuditContext, 'budget'>,
  now: number,
): Promise<Plan> {
  const traced = drifted(plan, { ...about, budget: { requests: MAX_REQUESTS, hasTargets: true } }, now);
  const drifts = new Map<Change, ChangeElsewhere>();
  const warnings: string[] = [];
  for (const one of traced) {
    const changed = await authorOf(one);
    if (changed !== undefined) drifts.set(one.change, changed);
  }
  // Afterwards, so that the budget names as many authors as it can.
  for (const one of traced) {
    const changed = drifts.get(one.change);
    if (changed !== undefined && (await wasRepairedOften(one, now)))
      warnings.push(warningAbout(one.change, changed));
  }
  if (drifts.size === 0) return plan;
  const changes = plan.changes.map((change) => {
    const changed = drifts.get(change);
    const { drift } = change;
    return changed === undefined || drift === undefined
      ? change
      : { ...change, drift: { ...drift, changed } };
  });
  return { ...plan, changes, warnings: [...plan.warnings, ...warnings] };
}

function drifted({ scopes, changes }: Plan, context: AuditContext, now: number): readonly Traced[] {
  const applied = new Map(scopes.map((scope) => [scopeKey(scope), scope.lastApplied?.date]));
  const logs = new Map<string, FlagLog>();
  return changes.flatMap((change): readonly Traced[] => {
    const at = applied.get(scopeKey(change));
    // Another shard's plan names the authors of its changes.
    if (change.drift === undefined || change.withheld === 'other-shard' || at === undefined) return [];
    const key = `${scopeKey(change)}/${change.flag}`;
    const log = logs.get(key) ?? new FlagLog(change, Math.min(at, now - DAY), context);
    logs.set(key, log);
    return [{ change, log, applied: at }];
  });
}

async function authorOf({ change, log, applied }: Traced): Promise<ChangeElsewhere | undefined> {
  const live = change.before?.variation ?? null;
  for await (const { entry, isOurs, variation } of log.eventsOf(change)) {
    if (isOurs || entry.date <= applied || (variation !== undefined && variation !== live)) return undefined;
    const { by, date, comment } = entry;
    return { by, date, ...(comment === undefined ? {} : { comment }) };
  }
  return undefined;
}

/** Whether flagops undid changes of an override that others had made, `REPAIRS` times within a day. */
async function wasRepairedOften({ change, log }: Traced, now: number): Promise<boolean> {
  const since = now - DAY;
  if (log.countOurs(change, since) < REPAIRS) return false;
  let repairs = 0;
  let isRepaired = false;
  for await (const { entry, isOurs } of log.eventsOf(change)) {
    if (isOurs) {
      if (entry.date < since) return false;
      isRepaired = true;
    } else {
      if (isRepaired) repairs += 1;
      if (repairs === REPAIRS) return true;
      isRepaired = false;
    }
  }
  return false;
}

function warningAbout(change: Change, { by }: ChangeElsewhere): string {
  const what = `${showOverride(change)} in ${scopeKey(change)}`;
  return `${what} was repaired at least ${REPAIRS} times within 24 hours, and changed again by ${by}: let only one of the two manage it (see docs/drift.md)`;
}
