import type { Change } from '../reconcile/plan.js';

export type OutcomeStatus = 'applied' | 'accepted' | 'failed' | 'skipped' | 'approval-required';

/** Why a change ended as it did; stable, so that it can be searched for. */
export type OutcomeReason =
  // applied
  | 'written'
  | 'already-live'
  // accepted
  | 'dry-run'
  // failed
  | 'token-rejected'
  | 'missing-permission'
  | 'route-removed'
  | 'conflict'
  | 'refused'
  | 'pending-change'
  | 'not-settable'
  | 'rate-limited'
  | 'unavailable'
  | 'unreachable'
  | 'unexpected'
  // skipped
  | 'live-moved'
  | 'flag-archived'
  | 'flag-deleted'
  | 'withheld'
  | 'interrupted'
  | 'run-timeout'
  | 'stopped'
  // approval-required
  | 'approval-required';

/** How one change ended. */
export interface Outcome {
  readonly change: Change;
  readonly status: OutcomeStatus;
  readonly reason: OutcomeReason;
  /** One line; empty where there is nothing to say. */
  readonly message: string;
  /** What lies underneath a failure; for `--debug`. */
  readonly cause?: unknown;
}

/** An outcome that does not yet say of which change, and what it means for the changes after it. */
export interface Result extends Omit<Outcome, 'change'> {
  /**
   * `change`: this one only. `flag`: the rest of this flag in this environment ends the same way, without being asked
   * for. `run`: nothing more is started.
   */
  readonly extent: 'change' | 'flag' | 'run';
}

/** Whether a change did not go through. */
export function isOpen({ status }: Pick<Outcome, 'status'>): boolean {
  return status !== 'applied' && status !== 'accepted';
}

export function result(
  status: OutcomeStatus,
  reason: OutcomeReason,
  message: string,
  more: { readonly extent?: Result['extent']; readonly cause?: unknown } = {},
): Result {
  const { extent = 'change', cause } = more;
  return { status, reason, message, extent, ...(cause === undefined ? {} : { cause }) };
}

export function outcomeOf(change: Change, ending: Result): Outcome {
  const { status, reason, message, cause } = ending;
  return { change, status, reason, message, ...(cause === undefined ? {} : { cause }) };
}
