import { createColors } from 'picocolors';
import type { ApplyReport } from '../apply/report.js';
import { shortId } from '../reconcile/commit.js';
import { showOverride } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { printable } from './escape.js';
import { namedOrCounted } from './named-or-counted.js';
import { stepAfterApply } from './next-step.js';
import { type OutcomeLine, outcomeLines } from './outcome-lines.js';
import { resultLines } from './result-words.js';
import { type TextOptions, wrapWords } from './text-options.js';
import { type PaintedText, wrap } from './wrap.js';

/** An apply for a terminal: the changes that were not applied, the result, and what to do about what is left. */
export function resultText(report: ApplyReport, options: Pick<TextOptions, 'color' | 'columns'>): string {
  const paint = createColors(options.color);
  const colors = {
    applied: paint.green,
    accepted: paint.green,
    failed: paint.red,
    unknown: paint.red,
    skipped: paint.yellow,
    'approval-required': paint.yellow,
  };
  const line = (text: string): string => wrapWords(text, '  ', options);
  /** A line that begins with a coloured label. */
  const labelled = (label: PaintedText, text: string): string =>
    wrap([label, ...` ${printable(text)}`.split(' ')], {
      gap: ' ',
      indent: '  ',
      columns: options.columns,
    });
  const outcomeLine = ({ status, extent, scope, subject, message, url }: OutcomeLine): string => {
    const text = {
      change: `${scope}  ${subject}`,
      flag: `${subject} in ${scope}`,
      run: subject,
    }[extent];
    const link = url === undefined ? '' : `: ${url}`;
    return labelled({ text: status, paint: colors[status] }, `${text}: ${message}${link}`);
  };
  const red = (text: string): PaintedText => ({ text, paint: paint.red });
  const unfinished = outcomeLines(report.outcomes, report.dates).map(outcomeLine);
  const mismatches = (report.verification?.mismatches ?? []).map(({ change }) =>
    labelled(red('not live'), `${scopeKey(change)}  ${showOverride(change)}`),
  );
  const dateMismatches = (report.verification?.dateMismatches ?? []).map(({ change }) =>
    labelled(red('not live'), `${scopeKey(change)}  the date of ${showOverride(change)}`),
  );
  const unrecorded = report.unrecorded.map((why) => labelled(red('not recorded'), why));
  const notices = report.notices.map((notice) => paint.yellow(line(`warning: ${notice}`)));
  const next = stepAfterApply(report);
  return `${[
    ...unfinished,
    ...mismatches,
    ...dateMismatches,
    ...unrecorded,
    ...notices,
    ...resultLines(report).map(line),
    ...recordedLines(report).map(line),
    ...(next === undefined ? [] : [line(`Next: ${next}.`)]),
  ].join('\n')}\n`;
}

/** The scopes whose last-applied refs are HEAD now. */
function recordedLines({ recorded, plan }: ApplyReport): string[] {
  const id = shortId(plan.head?.id ?? '');
  return namedOrCounted(recorded.map(scopeKey), 'scope').map((scopes) => `Last applied to ${scopes}: ${id}`);
}
