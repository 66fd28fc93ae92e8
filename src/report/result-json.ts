import { type ApplyReport, exitCode } from '../apply/report.js';
import { identityOf } from '../reconcile/fingerprint.js';
import { jsonText, printable } from './escape.js';

/** An apply as JSON: its plan, the outcome of each change, what was read back, and the exit code. */
export function resultJson(report: ApplyReport): string {
  const { plan, outcomes, verification, recorded, notices, interrupted } = report;
  const value = {
    format: 'flagops-result/1',
    exitCode: exitCode(report),
    interrupted,
    outcomes: outcomes.map(({ change, status, reason, message }) => ({
      change: identityOf(change),
      status,
      reason,
      message: printable(message),
    })),
    verification:
      verification === undefined
        ? null
        : {
            checked: verification.checked,
            mismatches: verification.mismatches.map(({ change, live }) => ({
              change: identityOf(change),
              live: live ?? null,
            })),
            failure: verification.failure ?? null,
          },
    recorded,
    notices,
    plan,
  };
  return jsonText(value);
}
