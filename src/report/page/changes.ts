import type { Change, Plan, ScopeSummary } from '../../reconcile/plan.js';
import { scopeKey } from '../../reconcile/state.js';
import { byScope } from '../by-scope.js';
import { CHANGE_HEAD, changeRow, code, type Links, prose } from './text.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { plural, lastAppliedWords, restWords } from '../words.js';

/** A plan with more changes is folded, so that the conversation stays readable. */
const MAX_UNFOLDED = 20;

const SCOPE_HEAD =
  '| Scope | Add | Update | Remove | Besides | Prune | Last applied |\n|---|---|---|---|---|---|---|\n';

/** Adds the scopes and their changes, as far as there is room. Gives the changes that are not shown. */
export function addChanges(
  sheet: BoundedMarkdown,
  plan: Plan,
  options: { readonly links: Links; readonly now: number },
): readonly Change[] {
  addScopes(sheet, plan.scopes, options.now);
  const isFolded = plan.changes.length > MAX_UNFOLDED;
  const hidden: Change[] = [];
  for (const [scope, changes] of byScope(plan.changes)) {
    const title = `${code(scope, 200)}: ${plural(changes.length, 'change')}`;
    const head = isFolded ? `<details><summary>${title}</summary>\n\n` : `#### ${title}\n\n`;
    const foot = isFolded ? '\n</details>\n\n' : '\n';
    const rows = sheet.take(changes, (change) => changeRow(change, options.links), head + CHANGE_HEAD + foot);
    hidden.push(...changes.slice(rows.length));
    if (rows.length > 0) sheet.add(head + CHANGE_HEAD + rows.join('') + foot);
  }
  return hidden;
}

function addScopes(sheet: BoundedMarkdown, scopes: readonly ScopeSummary[], now: number): void {
  if (scopes.length === 0) return;
  let shown = 0;
  if (!sheet.add(SCOPE_HEAD)) return;
  for (const scope of scopes) {
    // Changes are worth more than the last of hundreds of scopes.
    if (shown === 100 || !sheet.add(scopeRow(scope, now))) break;
    shown += 1;
  }
  sheet.add(shown === scopes.length ? '\n' : `\nand ${plural(scopes.length - shown, 'more scope')}\n\n`);
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
