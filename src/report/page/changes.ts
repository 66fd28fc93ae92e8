import type { Change, Plan, ScopeSummary } from '../../reconcile/plan.js';
import { scopeKey } from '../../reconcile/state.js';
import { plural } from '../../text/plural.js';
import { byScope } from '../by-scope.js';
import { lastAppliedWords, restWords } from '../words.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { CHANGE_HEAD, changeRow, unmanagedRow } from './change-row.js';
import { code, type Links, prose } from './text.js';

/** The tables of a plan with more changes than this are folded, so that the conversation stays readable. */
const MAX_UNFOLDED = 20;

/** Scopes in the table of scopes; changes are more important than the last of hundreds of scopes. */
const MAX_SCOPES = 100;

const SCOPE_HEAD =
  '| Scope | Add | Update | Remove | Other | Prune | Last applied |\n|---|---|---|---|---|---|---|\n';

/** Adds the scopes, then their changes, as many as fit. Returns the changes that are not shown. */
export function addChanges(
  page: BoundedMarkdown,
  plan: Plan,
  options: { readonly links: Links; readonly now: number; readonly unmanaged?: boolean | undefined },
): readonly Change[] {
  addScopes(page, plan.scopes, options.now);
  const isFolded = plan.changes.length > MAX_UNFOLDED;
  const hidden: Change[] = [];
  for (const [scope, changes] of byScope(plan.changes)) {
    const title = `${code(scope, 200)}: ${plural(changes.length, 'change')}`;
    const head = isFolded ? `<details><summary>${title}</summary>\n\n` : `#### ${title}\n\n`;
    const foot = isFolded ? '\n</details>\n\n' : '\n';
    const render = (change: Change): string => changeRow(change, options.links);
    const rows = page.renderFitting(changes, render, head + CHANGE_HEAD + foot);
    hidden.push(...changes.slice(rows.length));
    if (rows.length > 0) page.add(head + CHANGE_HEAD + rows.join('') + foot);
  }
  if (options.unmanaged === true) for (const scope of plan.scopes) addUnmanaged(page, scope);
  return hidden;
}

const UNMANAGED_HEAD = '| Flag | Context | Live |\n|---|---|---|\n';

/** Adds a folded table of a scope's unmanaged overrides, or as many as fit. */
function addUnmanaged(page: BoundedMarkdown, scope: ScopeSummary): void {
  const { length } = scope.unmanagedOverrides;
  if (length === 0) return;
  const head = `<details><summary>${code(scopeKey(scope), 200)}: ${length} unmanaged</summary>\n\n${UNMANAGED_HEAD}`;
  const foot = '\n</details>\n\n';
  const rows = page.renderFitting(scope.unmanagedOverrides, unmanagedRow, head + foot);
  if (rows.length > 0) page.add(head + rows.join('') + foot);
}

function addScopes(page: BoundedMarkdown, scopes: readonly ScopeSummary[], now: number): void {
  if (scopes.length === 0 || !page.add(SCOPE_HEAD)) return;
  let shown = 0;
  for (const scope of scopes.slice(0, MAX_SCOPES)) {
    if (!page.add(scopeRow(scope, now))) break;
    shown += 1;
  }
  page.add(shown === scopes.length ? '\n' : `\nand ${plural(scopes.length - shown, 'more scope')}\n\n`);
}

function scopeRow(scope: ScopeSummary, now: number): string {
  const { add, update, remove } = scope.counts;
  const paused = scope.paused === undefined ? '' : `<br>paused: ${prose(scope.paused, 200)}`;
  const cells = [
    `${code(scopeKey(scope), 200)}${paused}`,
    add,
    update,
    remove,
    restWords(scope),
    scope.prune,
    prose(lastAppliedWords(scope, now)),
  ];
  return `| ${cells.join(' | ')} |\n`;
}
