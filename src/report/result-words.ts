import type { ApplyReport } from '../apply/report.js';
import { INTERRUPTED } from '../apply/verify.js';
import { amount } from './words.js';

/** What an apply came to, in a line or two. */
export function resultLines(report: ApplyReport): string[] {
  const { outcomes, verification } = report;
  if (outcomes.length === 0) return ['Nothing to apply: live matches the declarations.'];
  const count = (status: string): number => outcomes.filter((outcome) => outcome.status === status).length;
  const others = (['failed', 'skipped', 'approval-required'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${count(status)} ${status.replace('-', ' ')}`);
  const all = amount(outcomes.length, 'change');
  const first =
    report.checkOnly === true
      ? `LaunchDarkly would take ${count('accepted') + count('applied')} of ${all}`
      : `Applied ${count('applied')} of ${all}`;
  const lines = [[first, ...others].join(', ') + '.'];
  if (report.interrupted) lines.push(interruptedWords(report));
  if (verification === undefined || verification.checked === 0) return lines;
  const { checked, mismatches, failure } = verification;
  if (failure === INTERRUPTED) return lines;
  if (failure !== undefined) lines.push(`Could not read back: ${failure}.`);
  else if (mismatches.length === 0) lines.push(`Read back ${amount(checked, 'change')}: all are live.`);
  else lines.push(`Read back ${amount(checked, 'change')}: ${mismatches.length} not live.`);
  return lines;
}

function interruptedWords({ verification }: ApplyReport): string {
  return verification?.failure === INTERRUPTED
    ? `Interrupted while reading back ${amount(verification.checked, 'change')}: run it again to check and record them.`
    : 'Interrupted: run it again to complete the work.';
}
