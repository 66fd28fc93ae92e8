import type { BoundedMarkdown } from './bounded-markdown.js';

const MAX_LINES = 30;

const rest = (count: number): string => `> and ${count} more\n`;

/**
 * Adds one block with a line for each thing, and the number of those that do not fit. GitHub shows a block in the colour of
 * its kind.
 * @param lines Markdown without line breaks
 */
export function addAlert(
  page: BoundedMarkdown,
  kind: 'NOTE' | 'WARNING' | 'CAUTION',
  lines: readonly string[],
): void {
  if (lines.length === 0) return;
  const head = `> [!${kind}]\n`;
  const shown = page.renderFitting(
    lines.slice(0, MAX_LINES),
    (line) => `> ${line}\n>\n`,
    `${head}${rest(lines.length)}\n`,
  );
  const left = lines.length - shown.length;
  const text = left === 0 ? shown.join('').replace(/>\n$/, '') : `${shown.join('')}${rest(left)}`;
  page.add(`${head}${text}\n`);
}
