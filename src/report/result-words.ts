import type { Outcome } from '../apply/outcome.js';
import type { ApplyReport } from '../apply/report.js';
import type { Plan } from '../reconcile/plan.js';
import { grouped, plural } from '../text/plural.js';
import { leftOutWords } from './words.js';

/** The result of an apply in one to three lines. */
export function resultLines(report: ApplyReport): string[] {
  const { verification } = report;
  const lines = [outcomeWords(report)];
  if (report.interrupted) lines.push(interruptedWords(report));
  if (verification === undefined) return lines;
  const { checked, failure } = verification;
  const notLive = verification.mismatches.length + verification.dateMismatches.length;
  if (failure?.type === 'interrupted') return lines;
  if (failure !== undefined) lines.push(`Could not read back: ${failure.message}.`);
  else if (checked === 0) return lines;
  else if (notLive === 0)
    lines.push(`Read back ${plural(checked, 'change')}: ${checked === 1 ? 'it is' : 'all are'} live.`);
  else lines.push(`Read back ${plural(checked, 'change')}: ${notLive} not live.`);
  return lines;
}

function outcomeWords(report: ApplyReport): string {
  const { outcomes, dates, plan } = report;
  const all = [...outcomes, ...dates];
  if (all.length === 0) {
    const why = plan.filtered === 0 ? 'live matches the declarations' : leftOutWords(plan.filtered);
    return `Nothing to apply: ${why}.`;
  }
  if (all.every(({ change }) => change.withheld === 'other-shard')) {
    return `Nothing to apply in this shard: ${plural(all.length, 'change')} left to other shards${filteredWords(plan)}.`;
  }
  const parts = [
    ...(outcomes.length === 0 ? [] : [statusWords(outcomes, 'change')]),
    ...(dates.length === 0 ? [] : [statusWords(dates, 'date')]),
  ];
  const did = report.checkOnly === true ? 'LaunchDarkly would accept' : 'Applied';
  return `${did} ${parts.join('; ')}${filteredWords(plan)}.`;
}

/** `2 of 3 changes, 1 failed`. */
function statusWords(outcomes: readonly Pick<Outcome, 'status'>[], one: string): string {
  const count = (status: string): number => outcomes.filter((outcome) => outcome.status === status).length;
  const others = (['failed', 'unknown', 'skipped', 'approval-required'] as const)
    .filter((status) => count(status) > 0)
    .map((status) => `${grouped(count(status))} ${status.replace('-', ' ')}`);
  const done = `${grouped(count('accepted') + count('applied'))} of ${plural(outcomes.length, one)}`;
  return [done, ...others].join(', ');
}

function filteredWords({ filtered }: Plan): string {
  return filtered === 0 ? '' : `; ${leftOutWords(filtered)}`;
}

/** A sentence about what an interruption cut short, and what to do about it. */
export function interruptedWords({ verification }: ApplyReport): string {
  return verification?.failure?.type === 'interrupted'
    ? `Interrupted while reading back ${plural(verification.checked, 'change')}: run it again to check and record them.`
    : 'Interrupted: run it again to complete the work.';
}
