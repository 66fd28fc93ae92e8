import { isOpen } from '../apply/outcome.js';
import type { ApplyReport } from '../apply/report.js';
import { showOverride } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { markdown } from './escape.js';
import { planMarkdown } from './plan-markdown.js';
import { resultLines } from './result-words.js';

/**
 * An apply as GitHub-flavoured Markdown: what it came to, what did not go through, then the plan.
 * @param now epoch milliseconds
 */
export function resultMarkdown(report: ApplyReport, now: number): string {
  const open = report.outcomes
    .filter(isOpen)
    .map(
      ({ change, status, message }) =>
        `- ${status}: ${markdown(scopeKey(change))} ${markdown(showOverride(change))}: ${markdown(message)}`,
    );
  const notices = report.notices.map((notice) => `> [!WARNING]\n> ${markdown(notice)}`);
  const head = [
    `### flagops apply`,
    resultLines(report).map(markdown).join('  \n'),
    ...(open.length > 0 ? [open.join('\n')] : []),
    ...notices,
  ];
  return `${head.join('\n\n')}\n\n${planMarkdown(report.plan, now)}`;
}
