import type { ExpiryChange } from '../reconcile/dates.js';
import type { ApprovalLink, Change } from '../reconcile/plan.js';

/**
 * How a change can end, and why. Reasons are stable: users search for them. Each belongs to one status; the types
 * below derive from this table.
 */
export const OUTCOME_REASONS = {
  applied: {
    written: 'LaunchDarkly accepted the write',
    'already-live': 'the override was already live when it was about to be written',
    'found-live': 'the answer to the write was lost, and the override was found live',
  },
  accepted: {
    'dry-run': 'LaunchDarkly would accept the write (--check)',
  },
  failed: {
    'token-rejected': 'the access token is not valid',
    'missing-permission': 'the access token may not write to this flag in this environment',
    'route-removed': 'LaunchDarkly no longer serves the endpoint that the configuration asks for',
    conflict: 'other writes to the flag kept getting in the way',
    refused: 'LaunchDarkly refused the write',
    'pending-change': 'the write would break a scheduled change or an approval request',
    'not-settable': 'no request of this kind can select the variation',
    'rate-limited': 'LaunchDarkly kept answering that there were too many requests',
    unavailable: 'LaunchDarkly kept answering with a server error',
    unreachable: 'LaunchDarkly cannot be reached',
    'request-unconfirmed': 'the answer to the creation of an approval request was lost, and none was found',
    'answer-lost': 'the answer to the write was lost, and the override was not live when it was looked up',
    unexpected: 'an error in flagops',
  },
  unknown: {
    'lookup-failed': 'the answer to the write was lost, and the override could not be looked up',
    'unexpected-after-write': 'an error in flagops after the write may have been sent',
  },
  skipped: {
    'live-moved': 'the override was changed since the plan was made',
    'flag-archived': 'the flag was archived since the plan was made',
    'flag-deleted': 'the flag was deleted since the plan was made',
    'override-open': 'the date belongs to an override that was not applied',
    'not-checked': 'LaunchDarkly cannot check a date without setting it (--check)',
    withheld: 'the plan shows the change but does not apply it',
    interrupted: 'the run was interrupted before the write',
    'run-timeout': 'the time for the run was over before the write',
    stopped: 'an earlier failure ended the run before the write',
  },
  'approval-required': {
    'approval-required': 'the flag requires approvals in this environment',
    'approval-requested': 'an approval request was created',
    'approval-pending': 'an approval request is waiting for review',
    'approval-approved': 'an approval request was approved, but not applied in LaunchDarkly yet',
    'approval-declined': 'an approval request was declined',
  },
} as const;

type Reasons = typeof OUTCOME_REASONS;

export type OutcomeStatus = keyof Reasons;

/** A status with one of its reasons. */
interface EndingWith<Status extends OutcomeStatus> {
  readonly status: Status;
  readonly reason: keyof Reasons[Status];
  /** One line; empty if there is nothing to add. */
  readonly message: string;
  /** The error behind a failure, for `--debug`. */
  readonly cause?: unknown;
  /** The approval request that asks for the change. */
  readonly approval?: ApprovalLink;
}

/** How a change ended. */
type Ending = { readonly [Status in OutcomeStatus]: EndingWith<Status> }[OutcomeStatus];

/** Present if the answer to a request for the change was lost: it may have taken effect, or may still do so. */
interface Unanswered {
  readonly unanswered?: true;
}

/** How one change of a plan ended, of an override unless it says otherwise. */
export type Outcome<Item = Change> = Ending & Unanswered & { readonly change: Item };

/** How one change of a date ended. */
export type DateOutcome = Outcome<ExpiryChange>;

/** How a change ended, and what it means for the changes after it. */
export interface Result extends Unanswered {
  readonly ending: Ending;
  /**
   * `change`: this one only. `flag`: the rest of this flag in this environment ends the same way, without being sent.
   * `run`: nothing more is started.
   */
  readonly extent: 'change' | 'flag' | 'run';
}

/** Whether a change did not go through. */
export function isOpen({ status }: Pick<Outcome, 'status'>): boolean {
  return status !== 'applied' && status !== 'accepted';
}

export function applied(reason: keyof Reasons['applied'], message = ''): Result {
  return { ending: { status: 'applied', reason, message }, extent: 'change' };
}

export function accepted(): Result {
  return { ending: { status: 'accepted', reason: 'dry-run', message: '' }, extent: 'change' };
}

/** @param more.cause the error behind it, if there is one */
export function failed(
  reason: keyof Reasons['failed'],
  message: string,
  more: { readonly extent?: Result['extent']; readonly cause?: unknown } = {},
): Result {
  const { extent = 'change', cause } = more;
  return {
    ending: { status: 'failed', reason, message, ...(cause === undefined ? {} : { cause }) },
    extent,
  };
}

export function unknown(reason: keyof Reasons['unknown'], message: string, cause?: unknown): Result {
  return {
    ending: { status: 'unknown', reason, message, ...(cause === undefined ? {} : { cause }) },
    extent: 'change',
    unanswered: true,
  };
}

export function skipped(
  reason: keyof Reasons['skipped'],
  message: string,
  extent: Result['extent'] = 'change',
): Result {
  return { ending: { status: 'skipped', reason, message }, extent };
}

/** Approvals are required for a flag in an environment, so the rest of the flag ends the same way. */
export function approvalRequired(message: string, cause: unknown): Result {
  return {
    ending: { status: 'approval-required', reason: 'approval-required', message, cause },
    extent: 'flag',
  };
}

/** An approval request asks for the change. */
export function approvalOpen(
  reason: Exclude<keyof Reasons['approval-required'], 'approval-required'>,
  message: string,
  { id, url }: ApprovalLink,
): Result {
  return {
    ending: { status: 'approval-required', reason, message, approval: { id, url } },
    extent: 'change',
  };
}
