import type { ExpiryChange } from '../../reconcile/dates.js';
import { scopeKey } from '../../reconcile/state.js';
import { dateWords, markWords, WITHHELD_WORDS } from '../words.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { commitCell } from './change-row.js';
import { code, type Links, placeLink, prose } from './text.js';

const TITLE = '#### Expiry dates in LaunchDarkly\n\n';

const HEAD =
  '| | Scope | Flag | Context | Date | Declared | Commit | Why |\n|---|---|---|---|---|---|---|---|\n';

const SIGNS = { set: '📅 set', move: '📅 move', remove: '📅 remove' } as const;

/** Adds the dates to set, move and remove, as many as fit. Returns how many are not shown. */
export function addDates(page: BoundedMarkdown, dates: readonly ExpiryChange[], links: Links): number {
  const rows = page.renderFitting(dates, (date) => dateRow(date, links), `${TITLE}${HEAD}\n`);
  if (rows.length > 0) page.add(`${TITLE}${HEAD}${rows.join('')}\n`);
  return dates.length - rows.length;
}

function dateRow(date: ExpiryChange, links: Links): string {
  const owner = date.owner === undefined ? '' : `<br>owner ${code(date.owner, 60)}`;
  const why = [...markWords(date), ...(date.withheld === undefined ? [] : [WITHHELD_WORDS[date.withheld]])];
  const cells = [
    SIGNS[date.action],
    code(scopeKey(date), 200),
    code(date.flag),
    `${prose(date.kind, 60)} ${code(date.key)}`,
    prose(dateWords(date)),
    `${placeLink(date.at, links)}${owner}`,
    commitCell(date.provenance, links),
    why.join('; '),
  ];
  return `| ${cells.join(' | ')} |\n`;
}
