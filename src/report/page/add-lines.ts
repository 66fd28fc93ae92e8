import { plural } from '../../text/plural.js';
import type { BoundedMarkdown } from './bounded-markdown.js';

const MAX_LINES = 50;

/**
 * Adds lines, and then the number of things whose lines do not fit.
 * @param one the noun for one such thing, `many` for several
 * @param counts how many things each line is about; 1 each by default
 */
export function addLines(
  page: BoundedMarkdown,
  lines: readonly string[],
  one: string,
  many = `${one}s`,
  counts: readonly number[] = lines.map(() => 1),
): void {
  let shown = 0;
  for (const line of lines.slice(0, MAX_LINES)) {
    if (!page.add(line)) break;
    shown += 1;
  }
  const left = counts.slice(shown).reduce((sum, count) => sum + count, 0);
  if (left > 0) page.add(`\nand ${plural(left, `more ${one}`, `more ${many}`)}\n`);
  if (lines.length > 0) page.add('\n');
}
