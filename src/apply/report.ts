import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Plan } from '../reconcile/plan.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';
import type { Outcome } from './outcome.js';
import type { Verification } from './verify.js';

/** The result of an apply. */
export interface ApplyReport {
  readonly plan: Plan;
  /** In the order of the plan's changes. */
  readonly outcomes: readonly Outcome[];
  /** Undefined if nothing was read back. */
  readonly verification: Verification | undefined;
  /** Present if LaunchDarkly was only asked whether it would accept the changes (`--check`). */
  readonly checkOnly?: true;
  /** Whether a signal interrupted it. */
  readonly interrupted: boolean;
  /** Scopes whose last-applied ref is HEAD now. */
  readonly recorded: readonly ScopeId[];
  /** Anything else that the user should know, one line each. */
  readonly notices: readonly string[];
}

/** Whether LaunchDarkly accepted any write. */
function hasWritten(report: Pick<ApplyReport, 'outcomes'>): boolean {
  return report.outcomes.some(({ reason }) => reason === 'written');
}

/** The exit code of an apply that no guard refused. A withheld change is not a failure. */
export function exitCode(report: ApplyReport): ExitCode {
  const { outcomes, verification, interrupted } = report;
  if (interrupted) return EXIT.interrupted;
  const isWrong =
    outcomes.some(
      ({ status, reason }) => status === 'failed' || (status === 'skipped' && reason !== 'withheld'),
    ) ||
    (verification !== undefined &&
      (verification.mismatches.length > 0 || verification.failure !== undefined));
  if (isWrong) return hasWritten(report) ? EXIT.incomplete : EXIT.failed;
  return outcomes.some(({ status }) => status === 'approval-required') ? EXIT.approvalRequired : EXIT.done;
}

/**
 * The exit code if the report could not be written to the file that was asked for: the next reader of that file would
 * find an older report, or none.
 */
export function exitCodeUnreported(report: ApplyReport): ExitCode {
  if (report.interrupted) return EXIT.interrupted;
  return hasWritten(report) ? EXIT.incomplete : EXIT.failed;
}

/**
 * The scopes that this apply completed: all their changes were applied and are live. None if a filter left changes
 * out.
 */
export function completedScopes(
  plan: Plan,
  outcomes: readonly Outcome[],
  verification: Verification | undefined,
): ScopeId[] {
  if (plan.filtered > 0) return [];
  const open = new Set([
    ...outcomes.filter(({ status }) => status !== 'applied').map(({ change }) => scopeKey(change)),
    ...(verification?.mismatches ?? []).map(({ change }) => scopeKey(change)),
  ]);
  return plan.scopes
    .filter((scope) => !open.has(scopeKey(scope)))
    .map(({ project, environment }) => ({ project, environment }));
}
