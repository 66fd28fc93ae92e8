import type { Plan, ScopeSummary } from '../../reconcile/plan.js';
import { countOverrides, scopeKey } from '../../reconcile/state.js';
import { plural } from '../../text/plural.js';
import { byScope } from '../by-scope.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { changesText } from './counts.js';
import { rowsOf, type Row, type RowStyle } from './rows.js';
import { tablesOf } from './table.js';
import { code, type Links, prose } from './text.js';

/** The tables of a plan with more rows than this are folded, so that the conversation stays readable. */
const MAX_UNFOLDED = 25;

/** Scopes with a line about what they adopt and release. */
const MAX_SCOPES = 20;

/** Adds the changes of each scope, of overrides and of dates, as many as fit. Returns the rows that are not shown. */
export function addChanges(page: BoundedMarkdown, plan: Plan, style: RowStyle, links: Links): readonly Row[] {
  const scopes = [...byScope([...plan.changes, ...plan.dates])].map(([scope, items]) => ({
    scope,
    items,
    rows: rowsOf(items, style),
  }));
  const isFolded = scopes.reduce((sum, { rows }) => sum + rows.length, 0) > MAX_UNFOLDED;
  const hidden: Row[] = [];
  for (const { scope, items, rows } of scopes) {
    const counts = style.isDrift ? plural(countOverrides(items), 'override') : changesText(items);
    const title = `${code(scope, 200)}: ${counts}`;
    const open = isFolded
      ? `<details><summary>${title}</summary>\n\n`
      : scopes.length > 1
        ? `#### ${title}\n\n`
        : '';
    const close = isFolded ? '</details>\n\n' : '';
    let isOpen = false;
    for (const { heading, head, lines } of tablesOf(rows, style, links)) {
      const above = `${isOpen ? '' : open}${heading === '' ? '' : `${heading}\n\n`}${head}`;
      const shown = page.renderFitting(lines, ({ text }) => text, `${above}\n${close}`);
      hidden.push(...lines.slice(shown.length).map(({ row }) => row));
      if (shown.length === 0) continue;
      page.add(`${above}${shown.join('')}\n`);
      isOpen = true;
    }
    if (isOpen) page.add(close);
  }
  return hidden;
}

/** Adds a line for each scope that is paused, adopts or releases overrides. */
export function addScopeNotes(page: BoundedMarkdown, scopes: readonly ScopeSummary[]): void {
  const lines = scopes.flatMap((scope) => {
    const notes = [
      ...(scope.paused === undefined ? [] : [`paused: ${prose(scope.paused, 200)}`]),
      ...(scope.adopts === 0
        ? []
        : [`adopts ${plural(scope.adopts, 'override that is', 'overrides that are')} live as declared`]),
      ...(scope.released === 0
        ? []
        : [`releases ${plural(scope.released, 'override')} that the configuration excludes`]),
    ];
    return notes.length === 0 ? [] : [`- ${code(scopeKey(scope), 200)} ${notes.join('; ')}\n`];
  });
  const shown = lines.slice(0, MAX_SCOPES).filter((line) => page.add(line));
  if (lines.length > shown.length) page.add(`- and ${lines.length - shown.length} more\n`);
  if (lines.length > 0) page.add('\n');
}
