import type { DeclaredDate } from '../../diagnostics/findings.js';
import { soonWords } from '../words.js';
import { addLines } from './add-lines.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { type Links, placeLink, prose } from './text.js';

/** Adds the declared dates that will soon pass. */
export function addSoon(page: BoundedMarkdown, soon: readonly DeclaredDate[], links: Links): void {
  addLines(
    page,
    soon.map((date) => `- expires soon: ${placeLink(date.at, links)}: ${prose(soonWords(date))}\n`),
    'date that will soon pass',
    'dates that will soon pass',
  );
}
