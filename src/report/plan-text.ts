import { createColors } from 'picocolors';
import type { Action, Change, Plan, ScopeSummary, OverrideValue } from '../reconcile/plan.js';
import { showValue } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { byScope } from './by-scope.js';
import { printable } from './escape.js';
import { wrap } from './wrap.js';
import {
  plural,
  countWords,
  estimateWords,
  lastAppliedWords,
  leftOutWords,
  markWords,
  provenanceWords,
  restWords,
  WARNING_WORDS,
  WITHHELD_WORDS,
} from './words.js';

export interface TextOptions {
  readonly color: boolean;
  /** How wide the terminal is; undefined where nothing needs to be broken into lines. */
  readonly columns?: number | undefined;
  /** Epoch milliseconds, to say how old things are. */
  readonly now: number;
}

const SIGNS: Readonly<Record<Action, string>> = { add: '+', update: '~', remove: '-' };

/** A plan for a terminal: a block a scope, two lines a change, then what it comes to. */
export function planText(plan: Plan, options: TextOptions): string {
  const paint = createColors(options.color);
  const blocks = scopeBlocks(plan, options);
  const guards = plan.guards.map((guard) =>
    guard.lifted
      ? paint.yellow(words(`lifted: ${guard.message}`, '  ', options))
      : paint.red(words(`refused: ${guard.message} (lifted by ${guard.remedy})`, '  ', options)),
  );
  const warnings = plan.warnings.map((warning) => paint.yellow(words(`warning: ${warning}`, '  ', options)));
  const closing = [...warnings, ...guards, summary(plan)].join('\n');
  let text = '';
  for (const block of blocks) text += `${block}\n\n`;
  return `${text}${closing}\n`;
}

function summary(plan: Plan): string {
  if (plan.changes.length === 0 && plan.filtered === 0)
    return 'No difference: live matches the declarations.';
  if (plan.changes.length === 0)
    return `Nothing selected: ${leftOutWords(plan.filtered)}.\nFingerprint: ${plan.fingerprint}`;
  const filtered = plan.filtered === 0 ? '' : ` (${plural(plan.filtered, 'change')} filtered out)`;
  const { takes, better } = estimateWords(plan.estimate);
  return [
    `Plan: ${countWords(plan.counts)}${filtered}.`,
    `${takes}.`,
    ...(better === undefined ? [] : [`${better}.`]),
    `Fingerprint: ${plan.fingerprint}`,
  ].join('\n');
}

/** A block a scope: what the scope is, its changes, and what else is in it. */
export function scopeBlocks(plan: Plan, options: TextOptions): string[] {
  const changes = byScope(plan.changes);
  return plan.scopes.map((scope) => scopeBlock(scope, changes.get(scopeKey(scope)) ?? [], options));
}

function scopeBlock(scope: ScopeSummary, changes: readonly Change[], options: TextOptions): string {
  const paint = createColors(options.color);
  const name = printable(scopeKey(scope));
  const about = words(`(prune ${scope.prune}, ${lastAppliedWords(scope, options.now)})`, '  ', options);
  const fits = options.columns === undefined || name.length + 1 + about.length <= options.columns;
  let block = `${paint.bold(name)}${fits ? ' ' : '\n  '}${paint.dim(about)}\n`;
  if (scope.paused !== undefined)
    block += `  ${paint.yellow(words(`paused: ${scope.paused}`, '  ', options))}\n`;
  // Not all at once: the lines of a large plan take more memory than its text.
  for (let start = 0; start < changes.length; start += AT_A_TIME) {
    const lines = changes.slice(start, start + AT_A_TIME).flatMap((change) => changeLines(change, options));
    block += `${lines.join('\n')}\n`;
  }
  return `${block}  ${paint.dim(words(restWords(scope), '  ', options))}`;
}

const AT_A_TIME = 1000;

const DEEP = '      ';

function changeLines(change: Change, options: TextOptions): string[] {
  const paint = createColors(options.color);
  const colors = { add: paint.green, update: paint.yellow, remove: paint.red };
  const sign = colors[change.action](SIGNS[change.action]);
  const what = [change.flag, `${change.kind} ${change.key}`].map(printable);
  const place =
    change.at === undefined ? 'no longer declared' : `${change.at.file}:${change.at.line}:${change.at.col}`;
  const owner = change.owner === undefined ? [] : [`owner ${change.owner}`];
  const details = [place, provenanceWords(change.provenance), ...owner, ...markWords(change)].join(' · ');
  const notes = [
    ...change.warnings.map((warning) => WARNING_WORDS[warning]),
    ...(change.withheld === undefined ? [] : [WITHHELD_WORDS[change.withheld]]),
  ];
  return [
    `  ${sign} ${wrap([...what, sides(change)], { gap: '  ', indent: DEEP, columns: options.columns })}`,
    `${DEEP}${paint.dim(words(details, DEEP, options))}`,
    ...notes.map((note) => `${DEEP}${paint.yellow(words(note, DEEP, options))}`),
  ];
}

/** Text that may be broken between any two of its words. */
function words(text: string, indent: string, { columns }: TextOptions): string {
  return wrap(printable(text).split(' '), { gap: ' ', indent, columns });
}

/** `true`, `"light" -> "dark"`, or `was "dark"`. */
function sides(change: Change): string {
  if (change.before === null) return sideText(change.after);
  if (change.after === null) return `was ${sideText(change.before)}`;
  return `${sideText(change.before)} -> ${sideText(change.after)}`;
}

function sideText(side: OverrideValue | null): string {
  return side === null ? 'none' : printable(showValue(side.value, 60));
}
