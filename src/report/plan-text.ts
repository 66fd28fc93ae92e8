import { createColors } from 'picocolors';
import type { Action, Change, Plan, ScopeSummary, Side } from '../reconcile/plan.js';
import { showValue } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { printable } from './escape.js';
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

export interface TextOptions {
  readonly color: boolean;
  /** Epoch milliseconds, to say how old things are. */
  readonly now: number;
}

const SIGNS: Readonly<Record<Action, string>> = { add: '+', update: '~', remove: '-' };

/** A plan for a terminal: a block a scope, two lines a change, then what it comes to. */
export function planText(plan: Plan, options: TextOptions): string {
  const paint = createColors(options.color);
  const blocks = plan.scopes.map((scope) => scopeBlock(plan, scope, options));
  const guards = plan.guards.map((guard) =>
    guard.lifted
      ? paint.yellow(`lifted: ${printable(guard.message)}`)
      : paint.red(`refused: ${printable(guard.message)} (lifted by ${printable(guard.remedy)})`),
  );
  const warnings = plan.warnings.map((warning) => paint.yellow(`warning: ${printable(warning)}`));
  const closing = [...warnings, ...guards, summary(plan)].join('\n');
  return `${[...blocks, closing].join('\n\n')}\n`;
}

function summary(plan: Plan): string {
  if (plan.changes.length === 0 && plan.filtered === 0)
    return 'No difference: live matches the declarations.';
  const filtered = plan.filtered === 0 ? '' : ` (${amount(plan.filtered, 'change')} filtered out)`;
  const { takes, better } = estimateWords(plan.estimate);
  return [
    `Plan: ${countWords(plan.counts)}${filtered}.`,
    `${takes} at 5 writes per 10 s.`,
    ...(better === undefined ? [] : [`${better}.`]),
    `Fingerprint: ${plan.fingerprint}`,
  ].join('\n');
}

/** One scope with its changes. */
export function scopeBlock(plan: Plan, scope: ScopeSummary, options: TextOptions): string {
  const paint = createColors(options.color);
  const changes = plan.changes.filter((change) => scopeKey(change) === scopeKey(scope));
  const about = `prune ${scope.prune}, ${lastAppliedWords(scope, options.now)}`;
  return [
    `${paint.bold(printable(scopeKey(scope)))} ${paint.dim(`(${about})`)}`,
    ...(scope.paused === undefined ? [] : [paint.yellow(`  paused: ${printable(scope.paused)}`)]),
    ...changes.flatMap((change) => changeLines(change, options)),
    paint.dim(`  ${restWords(scope)}`),
  ].join('\n');
}

function changeLines(change: Change, options: TextOptions): string[] {
  const paint = createColors(options.color);
  const colors = { add: paint.green, update: paint.yellow, remove: paint.red };
  const sign = colors[change.action](SIGNS[change.action]);
  const what = `${printable(change.flag)}  ${printable(`${change.kind} ${change.key}`)}`;
  const place =
    change.at === undefined
      ? 'no longer declared'
      : printable(`${change.at.file}:${change.at.line}:${change.at.col}`);
  const owner = change.owner === undefined ? [] : [`owner ${change.owner}`];
  const details = [place, provenanceWords(change.provenance), ...owner, ...markWords(change)]
    .map(printable)
    .join(' · ');
  const notes = change.warnings.map((warning) => paint.yellow(`      ${WARNING_WORDS[warning]}`));
  const withheld =
    change.withheld === undefined ? [] : [paint.yellow(`      ${WITHHELD_WORDS[change.withheld]}`)];
  return [`  ${sign} ${what}  ${sides(change)}`, paint.dim(`      ${details}`), ...notes, ...withheld];
}

/** `true`, `"light" -> "dark"`, or `was "dark"`. */
function sides(change: Change): string {
  if (change.before === null) return sideText(change.after);
  if (change.after === null) return `was ${sideText(change.before)}`;
  return `${sideText(change.before)} -> ${sideText(change.after)}`;
}

function sideText(side: Side | null): string {
  return side === null ? 'none' : printable(showValue(side.value, 60));
}
