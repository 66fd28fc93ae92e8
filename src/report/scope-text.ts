import { createColors } from 'picocolors';
import type { ExpiryChange } from '../reconcile/dates.js';
import type { Change, Plan, ScopeSummary, UnmanagedOverride } from '../reconcile/plan.js';
import { showValue } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { byScope } from './by-scope.js';
import { changeLine, dateLine } from './change-line.js';
import { printable } from './escape.js';
import { lastAppliedWords } from './last-applied.js';
import { type TextOptions, valueLength, wrapWords } from './text-options.js';
import { provenanceWords, restWords } from './words.js';
import { wrap } from './wrap.js';

/** The changes of a plan in one scope. */
interface ScopeChanges {
  readonly changes: readonly Change[];
  readonly dates: readonly ExpiryChange[];
}

/** The scopes of a plan that have something to show, and the others. */
export function splitScopes(
  plan: Plan,
  { unmanaged }: Pick<TextOptions, 'unmanaged'>,
): { readonly shown: readonly ScopeSummary[]; readonly quiet: readonly ScopeSummary[] } {
  const changing = new Set([...byScope(plan.changes).keys(), ...byScope(plan.dates).keys()]);
  const isShown = (scope: ScopeSummary): boolean =>
    changing.has(scopeKey(scope)) || (unmanaged === true && scope.unmanagedOverrides.length > 0);
  return {
    shown: plan.scopes.filter(isShown),
    quiet: plan.scopes.filter((scope) => !isShown(scope)),
  };
}

/** A block for each scope: its policy, its changes by commit, and a line about its other overrides. */
export function scopeBlocks(plan: Plan, options: TextOptions): string[] {
  const changes = byScope(plan.changes);
  const dates = byScope(plan.dates);
  return plan.scopes.map((scope) => {
    const key = scopeKey(scope);
    return scopeBlock(scope, { changes: changes.get(key) ?? [], dates: dates.get(key) ?? [] }, options);
  });
}

function scopeBlock(scope: ScopeSummary, items: ScopeChanges, options: TextOptions): string {
  const paint = createColors(options.color);
  const name = printable(scopeKey(scope));
  // The default is safe, and needs no words.
  const prune = scope.prune === 'owned' ? '' : `prune ${scope.prune}, `;
  const about = wrapWords(`(${prune}${lastAppliedWords(scope, options.now)})`, '  ', options);
  const fits = options.columns === undefined || name.length + 1 + about.length <= options.columns;
  let block = `${paint.bold(name)}${fits ? ' ' : '\n  '}${paint.dim(about)}`;
  if (scope.paused !== undefined)
    block += `\n  ${paint.yellow(wrapWords(`paused: ${scope.paused}`, '  ', options))}`;
  for (const group of byCommit(items)) block += `\n${groupText(group, options)}`;
  if (options.unmanaged === true)
    for (const override of scope.unmanagedOverrides) block += `\n${unmanagedLine(override, options)}`;
  const rest = restWords(scope);
  return rest === '' ? block : `${block}\n  ${paint.dim(wrapWords(rest, '  ', options))}`;
}

/** Changes with the same commit behind them, or with the same reason why there is none. */
interface CommitGroup {
  readonly heading: string;
  readonly changes: Change[];
  readonly dates: ExpiryChange[];
}

/** The changes of a scope by commit, in the order in which their first changes are planned. */
function byCommit({ changes, dates }: ScopeChanges): Iterable<CommitGroup> {
  const groups = new Map<string, CommitGroup>();
  const groupOf = ({ provenance }: Change | ExpiryChange): CommitGroup => {
    const key = provenance.type === 'commit' ? provenance.commit.id : provenance.type;
    const group = groups.get(key) ?? { heading: provenanceWords(provenance), changes: [], dates: [] };
    groups.set(key, group);
    return group;
  };
  for (const change of changes) groupOf(change).changes.push(change);
  for (const date of dates) groupOf(date).dates.push(date);
  return groups.values();
}

/** How many changes are rendered at a time: the lines of a large plan take more memory than its text. */
const CHUNK = 1000;

/** A heading with the commit and the owners, and a line for each change. */
function groupText({ heading, changes, dates }: CommitGroup, options: TextOptions): string {
  const owners = [...new Set([...changes, ...dates].flatMap(({ owner }) => owner ?? []))];
  const about = owners.length === 0 ? heading : `${heading} · owner ${owners.join(', ')}`;
  let text = `  ${wrapWords(about, '  ', options)}`;
  for (let start = 0; start < changes.length; start += CHUNK) {
    const lines = changes.slice(start, start + CHUNK).map((change) => changeLine(change, options));
    text += `\n${lines.join('\n')}`;
  }
  for (const date of dates) text += `\n${dateLine(date, options)}`;
  return text;
}

const UNMANAGED_INDENT = '        ';

function unmanagedLine({ flag, kind, key, live }: UnmanagedOverride, options: TextOptions): string {
  const pieces = [
    flag,
    `${kind} ${key}`,
    showValue(live.value, valueLength(options, UNMANAGED_INDENT.length)),
    'unmanaged',
  ].map(printable);
  const line = wrap(pieces, { gap: '  ', indent: UNMANAGED_INDENT, columns: options.columns });
  return `    ${createColors(options.color).dim(`? ${line}`)}`;
}
