import { EXIT, type ExitCode } from '../exit-codes.js';
import type { Plan } from '../reconcile/plan.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';
import type { Outcome } from './outcome.js';
import type { Verification } from './verify.js';

/** Everything that an apply came to. */
export interface ApplyReport {
  readonly plan: Plan;
  /** In the order of the plan's changes. */
  readonly outcomes: readonly Outcome[];
  /** Undefined where nothing was read back. */
  readonly verification: Verification | undefined;
  /** Present where LaunchDarkly was only asked whether it would take the changes. */
  readonly checkOnly?: true;
  /** Whether a signal ended it. */
  readonly interrupted: boolean;
  /** Scopes whose last-applied ref now is HEAD. */
  readonly recorded: readonly ScopeId[];
  /** What else whoever ran it should know, one line each. */
  readonly notices: readonly string[];
}

/** Whether anything was sent that LaunchDarkly took. */
function hasWritten(report: Pick<ApplyReport, 'outcomes'>): boolean {
  return report.outcomes.some(({ reason }) => reason === 'written');
}

/**
 * The exit code of an apply that was not refused. Where several hold: 1 if nothing was written and something is
 * wrong; after the first write 130 or 3; then 5, then 0. What was held back on purpose is not wrong.
 */
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
 * The exit code where the report could not be put into the file that was asked for: whatever reads that file next
 * would find an older report, or none.
 */
export function exitCodeUnreported(report: ApplyReport): ExitCode {
  if (report.interrupted) return EXIT.interrupted;
  return hasWritten(report) ? EXIT.incomplete : EXIT.failed;
}

/**
 * The scopes that this apply covered completely: every change of the scope was applied and is live. Filters leave
 * changes out, so nothing is covered then.
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
