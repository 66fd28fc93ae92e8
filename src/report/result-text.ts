import { createColors } from 'picocolors';
import type { ApplyReport } from '../apply/report.js';
import { shortId } from '../reconcile/commit.js';
import { showOverride } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { printable } from './escape.js';
import { type OutcomeLine, outcomeLines } from './outcome-lines.js';
import { resultLines } from './result-words.js';

/** An apply for a terminal: the changes that were not applied, then the result. */
export function resultText(report: ApplyReport, options: { readonly color: boolean }): string {
  const paint = createColors(options.color);
  const colors = {
    applied: paint.green,
    accepted: paint.green,
    failed: paint.red,
    unknown: paint.red,
    skipped: paint.yellow,
    'approval-required': paint.yellow,
  };
  const lineOf = ({ status, extent, scope, subject, message, url }: OutcomeLine): string => {
    const text = {
      change: `${printable(scope)}  ${printable(subject)}`,
      flag: `${printable(subject)} in ${printable(scope)}`,
      run: subject,
    }[extent];
    const link = url === undefined ? '' : `: ${printable(url)}`;
    return `${colors[status](status)}  ${text}: ${printable(message)}${link}`;
  };
  const unfinished = outcomeLines(report.outcomes, report.dates).map(lineOf);
  const mismatches = (report.verification?.mismatches ?? []).map(
    ({ change }) =>
      `${paint.red('not live')}  ${printable(scopeKey(change))}  ${printable(showOverride(change))}`,
  );
  const dateMismatches = (report.verification?.dateMismatches ?? []).map(
    ({ change }) =>
      `${paint.red('not live')}  ${printable(scopeKey(change))}  the date of ${printable(showOverride(change))}`,
  );
  const recorded = report.recorded.map(
    (scope) => `Last applied to ${printable(scopeKey(scope))}: ${shortId(report.plan.head?.id ?? '')}`,
  );
  const unrecorded = report.unrecorded.map((line) => `${paint.red('not recorded')}  ${printable(line)}`);
  const notices = report.notices.map((notice) => paint.yellow(`warning: ${printable(notice)}`));
  return `${[...unfinished, ...mismatches, ...dateMismatches, ...unrecorded, ...notices, ...resultLines(report).map(printable), ...recorded].join('\n')}\n`;
}
