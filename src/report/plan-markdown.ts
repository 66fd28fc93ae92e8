import type { Action, Change, Plan, ScopeSummary, Side } from '../reconcile/plan.js';
import { showValue } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { markdown } from './escape.js';
import {
  amount,
  countWords,
  estimateWords,
  lastAppliedWords,
  markWords,
  provenanceWords,
  restWords,
  WARNING_WORDS,
  WITHHELD_WORDS,
} from './words.js';

const SIGNS: Readonly<Record<Action, string>> = { add: '➕ add', update: '✏️ update', remove: '➖ remove' };

/**
 * A plan as GitHub-flavoured Markdown: what it comes to first, then a table a scope.
 * @param now epoch milliseconds, to say how old things are
 */
export function planMarkdown(plan: Plan, now: number): string {
  return `${[heading(plan), ...notices(plan), ...plan.scopes.map((scope) => scopeSection(plan, scope, now)), footer(plan)].join('\n\n')}\n`;
}

function heading(plan: Plan): string {
  if (plan.changes.length === 0 && plan.filtered === 0) return '### flagops: no difference';
  return `### flagops: ${countWords(plan.counts)}`;
}

function notices(plan: Plan): string[] {
  return [
    ...plan.guards.map((guard) =>
      guard.lifted
        ? `> [!WARNING]\n> Lifted: ${markdown(guard.message)}`
        : `> [!CAUTION]\n> Refused: ${markdown(guard.message)}. Lifted by ${markdown(guard.remedy)}.`,
    ),
    ...plan.warnings.map((warning) => `> [!WARNING]\n> ${markdown(warning)}`),
  ];
}

function scopeSection(plan: Plan, scope: ScopeSummary, now: number): string {
  const changes = plan.changes.filter((change) => scopeKey(change) === scopeKey(scope));
  const lines = [
    `#### ${markdown(scopeKey(scope))}`,
    `prune ${scope.prune} · ${markdown(lastAppliedWords(scope, now))} · ${restWords(scope)}`,
  ];
  if (scope.paused !== undefined) lines.push(`> [!NOTE]\n> Paused: ${markdown(scope.paused)}`);
  if (changes.length > 0) lines.push([TABLE_HEAD, ...changes.map(row)].join('\n'));
  return lines.join('\n\n');
}

const TABLE_HEAD =
  '| | Flag | Context | Before | After | Declared | Commit | Why |\n|---|---|---|---|---|---|---|---|';

function row(change: Change): string {
  const why = [
    ...markWords(change),
    ...change.warnings.map((warning) => WARNING_WORDS[warning]),
    ...(change.withheld === undefined ? [] : [WITHHELD_WORDS[change.withheld]]),
  ];
  const place = change.at === undefined ? 'no longer' : `${change.at.file}:${change.at.line}`;
  const cells = [
    change.flag,
    `${change.kind} ${change.key}`,
    sideText(change.before),
    sideText(change.after),
    place,
    provenanceWords(change.provenance),
    why.join('; '),
  ];
  return `| ${[SIGNS[change.action], ...cells.map(markdown)].join(' | ')} |`;
}

function sideText(side: Side | null): string {
  return side === null ? 'none' : showValue(side.value, 60);
}

function footer(plan: Plan): string {
  const filtered = plan.filtered === 0 ? '' : ` · ${amount(plan.filtered, 'change')} filtered out`;
  const { takes, better } = estimateWords(plan.estimate);
  const advice = better === undefined ? '' : `${better}.\n\n`;
  return `${advice}${takes}${filtered} · fingerprint \`${plan.fingerprint}\``;
}
