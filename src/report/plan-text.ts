import { createColors } from 'picocolors';
import type { DeclaredDate } from '../diagnostics/findings.js';
import { hasChanges, type Plan, type ScopeSummary } from '../reconcile/plan.js';
import { scopeKey } from '../reconcile/state.js';
import { grouped, plural } from '../text/plural.js';
import { scopeBlocks, splitScopes } from './scope-text.js';
import { tagLegend } from './tags.js';
import { type TextOptions, wrapWords } from './text-options.js';
import {
  approvalWords,
  estimateWords,
  passedWords,
  planCountWords,
  soonWords,
  leftOutWords,
  liftedWords,
  looseningWords,
  noEffectCountWords,
  restWords,
} from './words.js';

/**
 * A plan for a terminal: what the configuration loosens, a block for each scope that changes with one line for each
 * change, then guards and a summary.
 */
export function planText(plan: Plan, options: TextOptions): string {
  const paint = createColors(options.color);
  const { shown, quiet } = splitScopes(plan, options);
  const line = (text: string): string => wrapWords(text, '  ', options);
  const loosened = plan.loosened.map((loosening) =>
    paint.yellow(line(`warning: loosened: ${looseningWords(loosening, plan.scopes)}`)),
  );
  const guards = plan.guards.map((guard) =>
    guard.lifted
      ? paint.yellow(line(`lifted: ${liftedWords(guard)}`))
      : paint.red(line(`refused: ${guard.message} (lifted by ${guard.remedy})`)),
  );
  const warnings = plan.warnings.map((warning) => paint.yellow(line(`warning: ${warning}`)));
  const approvals = (plan.approvals ?? []).map((approval) => {
    const about = `approval request for ${approval.flag} in ${scopeKey(approval)}`;
    const text = line(`${about} ${approvalWords(approval)}: ${approval.url}`);
    return approval.current ? text : paint.yellow(text);
  });
  const noEffect = noEffectCountWords(plan);
  const notes = [
    ...tagLegend(plan).map((text) => paint.dim(line(text))),
    ...quietWords(quiet, plan).map((text) => paint.dim(line(text))),
    ...expiringLines(plan, options),
    ...(noEffect === undefined ? [] : [line(noEffect)]),
    ...approvals,
    ...warnings,
    ...guards,
  ];
  let text = loosened.length === 0 ? '' : `${loosened.join('\n')}\n\n`;
  for (const block of scopeBlocks({ ...plan, scopes: shown }, options)) text += `${block}\n\n`;
  if (notes.length > 0) text += `${notes.join('\n')}\n\n`;
  return `${text}${summary(plan).map(line).join('\n')}\n`;
}

/** One line about all scopes without changes: they would hide the others. */
function quietWords(scopes: readonly ScopeSummary[], { filtered }: Plan): string[] {
  const [first] = scopes;
  if (first === undefined) return [];
  const where = scopes.length === 1 ? scopeKey(first) : plural(scopes.length, 'scope');
  const rest = restWords(...scopes);
  const none = filtered === 0 ? 'No changes' : 'No selected changes';
  return [`${none} in ${where}${rest === '' ? '' : `: ${rest}`}.`];
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

/** The totals, the duration and the fingerprint. */
function summary(plan: Plan): string[] {
  const isEmpty = !hasChanges(plan);
  if (isEmpty && plan.filtered === 0) return ['No difference: live matches the declarations.'];
  const fingerprint = `Fingerprint: ${plan.fingerprint}`;
  if (isEmpty) return [`Nothing selected: ${leftOutWords(plan.filtered)}.`, fingerprint];
  const withheld = [...plan.changes, ...plan.dates].filter((item) => item.withheld !== undefined).length;
  const except = [
    ...(plan.filtered === 0 ? [] : [`${plural(plan.filtered, 'change')} filtered out`]),
    ...(withheld === 0 ? [] : [`${grouped(withheld)} not applied`]),
  ].join(', ');
  const { takes, better } = estimateWords(plan.estimate);
  const advice = better === undefined ? [] : [`${better}.`];
  return [
    `Plan: ${planCountWords(plan)}${except === '' ? '' : ` (${except})`}.`,
    `${takes}.`,
    ...advice,
    fingerprint,
  ];
}
