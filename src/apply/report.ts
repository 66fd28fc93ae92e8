import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Plan } from '../reconcile/plan.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';
import type { DateOutcome, Outcome } from './outcome.js';
import type { Verification } from './verify.js';

/** The result of an apply. */
export interface ApplyReport {
  readonly plan: Plan;
  /** In the order of the plan's changes. */
  readonly outcomes: readonly Outcome[];
  /** How the changes of dates ended, in the order of the plan. */
  readonly dates: readonly DateOutcome[];
  /** Undefined if nothing was read back. */
  readonly verification: Verification | undefined;
  /** Present if LaunchDarkly was only asked whether it would accept the changes (`--check`). */
  readonly checkOnly?: true;
  /** Whether a signal interrupted it. */
  readonly interrupted: boolean;
  /** Scopes whose last-applied ref is HEAD now: in this clone, and on the remote if refs are pushed. */
  readonly recorded: readonly ScopeId[];
  /** Why refs that should have moved did not, or that a newer commit was applied meanwhile. One line each. */
  readonly unrecorded: readonly string[];
  /** Anything else that the user should know, one line each. */
  readonly notices: readonly string[];
}

/** The parts of a report that decide the exit code. */
type Ending = Pick<ApplyReport, 'outcomes' | 'dates' | 'verification' | 'interrupted' | 'unrecorded'>;

/**
 * Whether every request that was sent for these changes was answered. If not, one of them may still take effect after the
 * apply has ended.
 */
export function everyRequestAnswered(outcomes: readonly Pick<Outcome, 'unanswered'>[]): boolean {
  return outcomes.every(({ unanswered }) => unanswered !== true);
}

/** Whether LaunchDarkly refused a change for want of an approval, and none was requested now: it cannot be live. */
export function onlyWaits({ status, reason, unanswered }: Outcome): boolean {
  return status === 'approval-required' && reason !== 'approval-requested' && unanswered !== true;
}

/** Whether LaunchDarkly accepted a write, an approval request included, or may have: its answer was lost. */
function mayHaveWritten({ outcomes, dates }: Ending): boolean {
  const all = [...outcomes, ...dates];
  return all.some(hasWritten) || !everyRequestAnswered(all);
}

function hasWritten({ reason }: Pick<Outcome, 'reason'>): boolean {
  return reason === 'written' || reason === 'approval-requested';
}

/** Whether the work is incomplete for another reason than an interruption or a required approval. */
function isIncomplete({ outcomes, dates, verification, unrecorded }: Ending): boolean {
  return (
    [...outcomes, ...dates].some(isFailure) ||
    notLive(verification).length > 0 ||
    verification?.failure?.type === 'unreadable' ||
    unrecorded.length > 0
  );
}

function notLive(verification: Verification | undefined): readonly { readonly change: ScopeId }[] {
  return [...(verification?.mismatches ?? []), ...(verification?.dateMismatches ?? [])];
}

/** A withheld change is not a failure, and one that an interruption left is counted as the interruption. */
function isFailure({ status, reason }: Outcome | DateOutcome): boolean {
  if (status === 'skipped')
    return reason !== 'withheld' && reason !== 'interrupted' && reason !== 'not-checked';
  return status === 'failed' || status === 'unknown';
}

/** The exit code of an apply that no guard refused. */
export function exitCode(report: Ending): ExitCode {
  const { outcomes, dates, interrupted } = report;
  const incomplete = isIncomplete(report);
  if (incomplete && !mayHaveWritten(report)) return EXIT.failed;
  if (interrupted) return EXIT.interrupted;
  if (incomplete) return EXIT.incomplete;
  const needsApproval = [...outcomes, ...dates].some(({ status }) => status === 'approval-required');
  return needsApproval ? EXIT.approvalRequired : EXIT.done;
}

/**
 * The exit code if the report could not be written to the file that was asked for: the next reader of that file would
 * find an older report, or none.
 */
export function exitCodeUnreported(report: Ending): ExitCode {
  if (!mayHaveWritten(report)) return EXIT.failed;
  return report.interrupted ? EXIT.interrupted : EXIT.incomplete;
}

/**
 * The scopes that this apply completed: all their changes were applied and are live. None if a filter left changes
 * out.
 */
export function completedScopes(
  plan: Plan,
  { outcomes, dates }: Pick<ApplyReport, 'outcomes' | 'dates'>,
  verification: Verification | undefined,
): ScopeId[] {
  if (plan.filtered > 0) return [];
  const open = new Set([
    ...[...outcomes, ...dates]
      .filter(({ status }) => status !== 'applied')
      .map(({ change }) => scopeKey(change)),
    ...notLive(verification).map(({ change }) => scopeKey(change)),
  ]);
  return plan.scopes
    .filter((scope) => !open.has(scopeKey(scope)))
    .map(({ project, environment }) => ({ project, environment }));
}
