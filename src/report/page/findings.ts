import { compareDiagnostics, type Diagnostic } from '../../diagnostics/diagnostic.js';
import type { Findings } from '../../diagnostics/findings.js';
import { addAlert } from './alert.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { addSoon } from './expiring.js';
import { type Links, placeLink, prose } from './text.js';

/**
 * Adds what was found in the declarations.
 * @param reason why they were only validated
 * @returns the paragraphs for the end of the page
 */
export function addFindings(
  page: BoundedMarkdown,
  findings: Findings,
  reason: string | undefined,
  links: Links,
): string[] {
  if (reason !== undefined)
    addAlert(page, 'NOTE', [prose(`${reason.charAt(0).toUpperCase()}${reason.slice(1)}`)]);
  const sorted = findings.diagnostics.toSorted(compareDiagnostics);
  let shown = 0;
  if (sorted.length > 0) page.add('| Problem | Where | What |\n| --- | --- | --- |\n');
  for (const diagnostic of sorted) {
    if (!page.add(diagnosticRow(diagnostic, links))) break;
    shown += 1;
  }
  page.add('\n');
  addSoon(page, findings.soon ?? [], links);
  const left = sorted.length - shown;
  return left === 0 ? [] : [`**Not shown here: ${left} more.**`];
}

function diagnosticRow({ severity, code: name, message, hint, at }: Diagnostic, links: Links): string {
  const advice = hint === undefined ? '' : `<br>${prose(hint, 300)}`;
  const sign = severity === 'error' ? '🛑' : '⚠️';
  return `| ${sign} \`${name}\` | ${placeLink(at, links)} | ${prose(message, 300)}${advice} |\n`;
}
