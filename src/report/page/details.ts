import type { Plan, ScopeSummary } from '../../reconcile/plan.js';
import { scopeKey } from '../../reconcile/state.js';
import { plural } from '../../text/plural.js';
import { byScope } from '../by-scope.js';
import { lastAppliedCell } from '../last-applied.js';
import { estimateWords, noEffectCountWords, restWords } from '../words.js';
import type { BoundedMarkdown } from './bounded-markdown.js';
import { valueText } from './rows.js';
import { code, keyCode, type Links, markdownLink, prose } from './text.js';

/** Scopes in the table of scopes; changes are more important than the last of hundreds of scopes. */
const MAX_SCOPES = 100;

const SCOPE_HEAD = '| Scope | Other overrides | Prune | Last applied |\n| --- | --- | --- | --- |\n';

/**
 * What few readers need, folded: the scopes, the estimate, the fingerprint and the log.
 * @param page what is rendered here must still fit on it
 */
export function planDetails(
  page: BoundedMarkdown,
  plan: Plan,
  { links, inAction }: { readonly links: Links; readonly inAction: boolean },
): string {
  const { takes, better } = estimateWords(plan.estimate);
  const noEffect = noEffectCountWords(plan);
  const facts = [
    ...(noEffect === undefined ? [] : [noEffect]),
    ...(plan.estimate.requests === 0 ? [] : [takes]),
    ...(better === undefined ? [] : [inAction ? better.replace(' (or --batch)', '') : better]),
    `fingerprint \`${plan.fingerprint}\``,
    ...(links.run === undefined ? [] : [markdownLink('log of the run', links.run)]),
  ];
  const list = facts.map((fact) => `- ${fact}\n`).join('');
  return `<details><summary>Details</summary>\n\n${scopeTable(page, plan)}${list}\n</details>`;
}

function scopeTable(page: BoundedMarkdown, plan: Plan): string {
  const changed = byScope([...plan.changes, ...plan.dates]);
  const shown = plan.scopes.filter((scope) => changed.has(scopeKey(scope)) || isSpecial(scope));
  const rows = page.renderFitting(
    shown.slice(0, MAX_SCOPES),
    scopeRow,
    `${SCOPE_HEAD}and 1,000 more scopes\n\n`,
  );
  const left = plan.scopes.length - rows.length;
  const rest =
    left === 0
      ? ''
      : shown.length === rows.length
        ? `${plural(left, 'scope')} without changes\n\n`
        : `and ${plural(left, 'more scope')}\n\n`;
  return rows.length === 0 ? rest : `${SCOPE_HEAD}${rows.join('')}\n${rest}`;
}

/** Whether a scope has something to report besides its changes. */
function isSpecial({ adopts, released, paused, unmanaged, lastApplied }: ScopeSummary): boolean {
  const counts = Object.values(unmanaged).reduce((sum, count) => sum + count, adopts + released);
  return counts > 0 || paused !== undefined || lastApplied === undefined;
}

function scopeRow(scope: ScopeSummary): string {
  const cells = [code(scopeKey(scope), 200), restWords(scope), scope.prune, prose(lastAppliedCell(scope))];
  return `| ${cells.join(' | ')} |\n`;
}

const UNMANAGED_HEAD = '| Flag | Context | Live |\n| --- | --- | --- |\n';

/** Adds a folded table of a scope's unmanaged overrides, or as many as fit. */
export function addUnmanaged(page: BoundedMarkdown, scope: ScopeSummary): void {
  const { length } = scope.unmanagedOverrides;
  if (length === 0) return;
  const head = `<details><summary>${code(scopeKey(scope), 200)}: ${length} unmanaged</summary>\n\n${UNMANAGED_HEAD}`;
  const foot = '\n</details>\n\n';
  const rows = page.renderFitting(
    scope.unmanagedOverrides,
    ({ flag, kind, key, live }) =>
      `| ${code(flag)} | ${prose(kind, 60)} ${keyCode(key)} | ${valueText(live)} |\n`,
    head + foot,
  );
  if (rows.length > 0) page.add(head + rows.join('') + foot);
}
