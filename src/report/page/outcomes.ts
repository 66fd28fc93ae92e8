import type { ApplyReport } from '../../apply/report.js';
import { showOverride } from '../../reconcile/show.js';
import { scopeKey } from '../../reconcile/state.js';
import { type OutcomeLine, outcomeLines } from '../outcome-lines.js';
import { addLines } from './add-lines.js';
import { addAlert } from './alert.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { code, markdownLink, prose } from './text.js';

/** Adds what an apply did not complete: changes that were not applied or are not live, and notices. */
export function addOutcomes(
  page: BoundedMarkdown,
  { outcomes, dates, verification, unrecorded, notices }: ApplyReport,
): void {
  const unfinished = outcomeLines(outcomes, dates);
  addLines(
    page,
    unfinished.map(outcomeItem),
    'change that was not applied',
    'changes that were not applied',
    unfinished.map(({ changes }) => changes),
  );
  addLines(
    page,
    [
      ...(verification?.mismatches ?? []).map(
        ({ change }) => `- not live: ${prose(scopeKey(change))} ${code(showOverride(change), 200)}\n`,
      ),
      ...(verification?.dateMismatches ?? []).map(
        ({ change }) =>
          `- not live: ${prose(scopeKey(change))} the date of ${code(showOverride(change), 200)}\n`,
      ),
    ],
    'change that is not live',
    'changes that are not live',
  );
  addLines(
    page,
    unrecorded.map((line) => `- not recorded: ${prose(line)}\n`),
    'scope that was not recorded',
    'scopes that were not recorded',
  );
  addAlert(
    page,
    'WARNING',
    notices.map((notice) => prose(notice)),
  );
}

function outcomeItem({ status, extent, scope, subject, message, url }: OutcomeLine): string {
  const text = {
    change: `${prose(scope)} ${code(subject, 200)}: ${prose(message, 300)}`,
    flag: `${code(subject, 200)} in ${prose(scope)}: ${prose(message)}`,
    run: `${subject}: ${prose(message)}`,
  }[extent];
  const link = url === undefined ? '' : ` (${markdownLink('approval request', url)})`;
  return `- ${status}: ${text}${link}\n`;
}
