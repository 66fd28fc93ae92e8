import type { DeclaredDate } from '../../diagnostics/findings.js';
import type { DeclaredDates } from '../../reconcile/declared-dates.js';
import { passedWords, soonWords } from '../words.js';
import { addLines } from './add-lines.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { type Links, placeLink, prose } from './text.js';

/** Adds the declared dates that have passed, and those that soon will. */
export function addExpiring(page: BoundedMarkdown, { past, soon }: DeclaredDates, links: Links): void {
  addLines(
    page,
    past.map((date) => `> [!WARNING]\n> ${placeLink(date.at, links)}: ${prose(passedWords(date))}\n`),
    'date in the past',
    'dates in the past',
  );
  addSoon(page, soon, links);
}

/** Adds the declared dates that will soon pass. */
export function addSoon(page: BoundedMarkdown, soon: readonly DeclaredDate[], links: Links): void {
  addLines(
    page,
    soon.map((date) => `- expires soon: ${placeLink(date.at, links)}: ${prose(soonWords(date))}\n`),
    'date that will soon pass',
    'dates that will soon pass',
  );
}
