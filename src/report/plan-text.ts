import { createColors } from 'picocolors';
import type { DeclaredDate } from '../diagnostics/findings.js';
import type { ExpiryChange } from '../reconcile/dates.js';
import {
  type Action,
  type Change,
  hasChanges,
  type OverrideValue,
  type Plan,
  type ScopeSummary,
} from '../reconcile/plan.js';
import { showValue } from '../reconcile/show.js';
import { scopeKey } from '../reconcile/state.js';
import { byScope } from './by-scope.js';
import { printable } from './escape.js';
import { plural } from '../text/plural.js';
import { wrap } from './wrap.js';
import {
  approvalWords,
  dateWords,
  estimateWords,
  lastAppliedWords,
  passedWords,
  planCountWords,
  soonWords,
  leftOutWords,
  liftedWords,
  looseningWords,
  markWords,
  provenanceWords,
  restWords,
  WARNING_WORDS,
  WITHHELD_WORDS,
} from './words.js';

export interface TextOptions {
  readonly color: boolean;
  /** The terminal's width; undefined if lines are not wrapped. */
  readonly columns?: number | undefined;
  /** Epoch milliseconds; ages are relative to it. */
  readonly now: number;
  /** Whether to name the unmanaged overrides, not only count them. */
  readonly unmanaged?: boolean | undefined;
}

const SIGNS: Readonly<Record<Action, string>> = { add: '+', update: '~', remove: '-' };

/**
 * A plan for a terminal: what the configuration loosens, a block for each scope with two lines for each change, then
 * guards and a summary.
 */
export function planText(plan: Plan, options: TextOptions): string {
  const paint = createColors(options.color);
  const loosened = plan.loosened.map((loosening) =>
    paint.yellow(wrapWords(`warning: loosened: ${looseningWords(loosening, plan.scopes)}`, '  ', options)),
  );
  const blocks = scopeBlocks(plan, options);
  const guards = plan.guards.map((guard) =>
    guard.lifted
      ? paint.yellow(wrapWords(`lifted: ${liftedWords(guard)}`, '  ', options))
      : paint.red(wrapWords(`refused: ${guard.message} (lifted by ${guard.remedy})`, '  ', options)),
  );
  const warnings = plan.warnings.map((warning) =>
    paint.yellow(wrapWords(`warning: ${warning}`, '  ', options)),
  );
  const approvals = (plan.approvals ?? []).map((approval) => {
    const about = `approval request for ${approval.flag} in ${scopeKey(approval)}`;
    const text = wrapWords(`${about} ${approvalWords(approval)}: ${approval.url}`, '  ', options);
    return approval.current ? text : paint.yellow(text);
  });
  let text = loosened.length === 0 ? '' : `${loosened.join('\n')}\n\n`;
  const closing = [...expiringLines(plan, options), ...approvals, ...warnings, ...guards, summary(plan)].join(
    '\n',
  );
  for (const block of blocks) text += `${block}\n\n`;
  return `${text}${closing}\n`;
}

/** How many dates of each kind are listed; the others are counted. */
const MAX_DATES = 10;

/** The declared dates that have passed, and those that soon will. */
function expiringLines({ expiring: { past, soon } }: Plan, options: TextOptions): string[] {
  const paint = createColors(options.color);
  const passed = listDates(past, 'in the past', (date) => `warning: ${placeOf(date)}: ${passedWords(date)}`);
  const next = listDates(
    soon,
    'that will soon pass',
    (date) => `expires soon: ${placeOf(date)}: ${soonWords(date)}`,
  );
  return [
    ...passed.map((line) => paint.yellow(wrapWords(line, '  ', options))),
    ...next.map((line) => wrapWords(line, '  ', options)),
  ];
}

function listDates(
  dates: readonly DeclaredDate[],
  which: string,
  lineFor: (date: DeclaredDate) => string,
): string[] {
  const lines = dates.slice(0, MAX_DATES).map(lineFor);
  const left = dates.length - lines.length;
  return left === 0 ? lines : [...lines, `and ${plural(left, `more date ${which}`, `more dates ${which}`)}`];
}

function placeOf({ at }: DeclaredDate): string {
  return `${at.file}:${at.line}:${at.col}`;
}

function summary(plan: Plan): string {
  const isEmpty = !hasChanges(plan);
  if (isEmpty && plan.filtered === 0) return 'No difference: live matches the declarations.';
  if (isEmpty) return `Nothing selected: ${leftOutWords(plan.filtered)}.\nFingerprint: ${plan.fingerprint}`;
  const filtered = plan.filtered === 0 ? '' : ` (${plural(plan.filtered, 'change')} filtered out)`;
  const { takes, better } = estimateWords(plan.estimate);
  return [
    `Plan: ${planCountWords(plan)}${filtered}.`,
    `${takes}.`,
    ...(better === undefined ? [] : [`${better}.`]),
    `Fingerprint: ${plan.fingerprint}`,
  ].join('\n');
}

/** A block for each scope: its policy, its changes, and a line about its other overrides. */
export function scopeBlocks(plan: Plan, options: TextOptions): string[] {
  const changes = byScope(plan.changes);
  const dates = byScope(plan.dates);
  return plan.scopes.map((scope) =>
    scopeBlock(scope, changes.get(scopeKey(scope)) ?? [], dates.get(scopeKey(scope)) ?? [], options),
  );
}

function scopeBlock(
  scope: ScopeSummary,
  changes: readonly Change[],
  dates: readonly ExpiryChange[],
  options: TextOptions,
): string {
  const paint = createColors(options.color);
  const name = printable(scopeKey(scope));
  const about = wrapWords(`(prune ${scope.prune}, ${lastAppliedWords(scope, options.now)})`, '  ', options);
  const fits = options.columns === undefined || name.length + 1 + about.length <= options.columns;
  let block = `${paint.bold(name)}${fits ? ' ' : '\n  '}${paint.dim(about)}\n`;
  if (scope.paused !== undefined)
    block += `  ${paint.yellow(wrapWords(`paused: ${scope.paused}`, '  ', options))}\n`;
  // In chunks: the lines of a large plan take more memory than its text.
  for (let start = 0; start < changes.length; start += CHUNK) {
    const lines = changes.slice(start, start + CHUNK).flatMap((change) => changeLines(change, options));
    block += `${lines.join('\n')}\n`;
  }
  for (const date of dates) block += `${dateLines(date, options).join('\n')}\n`;
  if (options.unmanaged === true) {
    for (const { flag, kind, key, live } of scope.unmanagedOverrides) {
      const pieces = [printable(flag), printable(`${kind} ${key}`), valueText(live), 'unmanaged'];
      const line = wrap(pieces, { gap: '  ', indent: INDENT, columns: options.columns });
      block += `  ${paint.dim(`? ${line}`)}\n`;
    }
  }
  return `${block}  ${paint.dim(wrapWords(restWords(scope), '  ', options))}`;
}

/** How many changes are rendered at a time. */
const CHUNK = 1000;

/** The indentation of the lines below a change. */
const INDENT = '      ';

function changeLines(change: Change, options: TextOptions): string[] {
  const paint = createColors(options.color);
  const colors = { add: paint.green, update: paint.yellow, remove: paint.red };
  const sign = colors[change.action](SIGNS[change.action]);
  const warnings = change.warnings.map((warning) => WARNING_WORDS[warning]);
  return itemLines(change, { sign, what: valuesText(change), warnings }, options);
}

/** The sign of a date, which is neither added nor removed as an override is. */
const DATE_SIGN = '@';

function dateLines(date: ExpiryChange, options: TextOptions): string[] {
  const paint = createColors(options.color);
  return itemLines(
    date,
    { sign: paint.cyan(DATE_SIGN), what: printable(dateWords(date)), warnings: [] },
    options,
  );
}

/** The lines of one change, of an override or of a date. */
function itemLines(
  item: Change | ExpiryChange,
  shown: { readonly sign: string; readonly what: string; readonly warnings: readonly string[] },
  options: TextOptions,
): string[] {
  const paint = createColors(options.color);
  const subject = [item.flag, `${item.kind} ${item.key}`].map(printable);
  const place =
    item.at === undefined ? 'no longer declared' : `${item.at.file}:${item.at.line}:${item.at.col}`;
  const owner = item.owner === undefined ? [] : [`owner ${item.owner}`];
  const details = [place, provenanceWords(item.provenance), ...owner, ...markWords(item)].join(' · ');
  const notes = [...shown.warnings, ...(item.withheld === undefined ? [] : [WITHHELD_WORDS[item.withheld]])];
  return [
    `  ${shown.sign} ${wrap([...subject, shown.what], { gap: '  ', indent: INDENT, columns: options.columns })}`,
    `${INDENT}${paint.dim(wrapWords(details, INDENT, options))}`,
    ...notes.map((note) => `${INDENT}${paint.yellow(wrapWords(note, INDENT, options))}`),
  ];
}

/** Text that may be wrapped between words. */
function wrapWords(text: string, indent: string, { columns }: TextOptions): string {
  return wrap(printable(text).split(' '), { gap: ' ', indent, columns });
}

/** `true`, `"light" -> "dark"`, or `was "dark"`. */
function valuesText(change: Change): string {
  if (change.before === null) return valueText(change.after);
  if (change.after === null) return `was ${valueText(change.before)}`;
  return `${valueText(change.before)} -> ${valueText(change.after)}`;
}

function valueText(value: OverrideValue | null): string {
  return value === null ? 'none' : printable(showValue(value.value, 60));
}
