import { type ApplyReport, exitCode } from '../apply/report.js';
import type { VerificationFailure } from '../apply/verify.js';
import { identityOf, identityOfDate } from '../reconcile/fingerprint.js';
import { jsonText, printable } from './escape.js';

/** An apply as JSON: its plan, the outcome of each change, what was read back, and the exit code. */
export function resultJson(report: ApplyReport): string {
  const { plan, outcomes, dates, verification, recorded, unrecorded, notices, interrupted } = report;
  const value = {
    format: 'flagops-result/1',
    exitCode: exitCode(report),
    interrupted,
    outcomes: outcomes.map(({ change, status, reason, message, approval }) => ({
      change: identityOf(change),
      status,
      reason,
      message: printable(message),
      ...(approval === undefined ? {} : { approval }),
    })),
    dates: dates.map(({ change, status, reason, message }) => ({
      date: identityOfDate(change),
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
            dateMismatches: verification.dateMismatches.map(({ change, live }) => ({
              date: identityOfDate(change),
              live: live ?? null,
            })),
            failure: failureText(verification.failure),
          },
    recorded,
    unrecorded,
    notices,
    plan,
  };
  return jsonText(value);
}

function failureText(failure: VerificationFailure | undefined): string | null {
  if (failure === undefined) return null;
  return failure.type === 'interrupted' ? 'interrupted' : failure.message;
}
