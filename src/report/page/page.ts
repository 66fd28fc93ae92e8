import type { ApplyReport } from '../../apply/report.js';
import { compareDiagnostics, type Diagnostic } from '../../diagnostics/diagnostic.js';
import { countActions, type Plan } from '../../reconcile/plan.js';
import { addChanges } from './changes.js';
import { guardBlocks } from './guards.js';
import { code, type Links, placeLink, prose } from './text.js';
import type { Findings } from '../../diagnostics/findings.js';
import { showOverride } from '../../reconcile/show.js';
import { scopeKey } from '../../reconcile/state.js';
import { type OutcomeLine, outcomeLines } from '../outcome-lines.js';
import { resultLines } from '../result-words.js';
import { type Limit, BoundedMarkdown } from './bounded-markdown.js';
import { plural, countWords, estimateWords } from '../words.js';

/** What a pull request, an issue or the page of a run is told. */
export type PageContent =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'applied'; readonly report: ApplyReport }
  /** Holds nothing but what moved away from last-applied. */
  | { readonly type: 'drift'; readonly plan: Plan }
  | { readonly type: 'findings'; readonly findings: Findings; readonly why?: string | undefined }
  | { readonly type: 'error'; readonly message: string; readonly hint?: string | undefined };

export interface PageOptions {
  readonly limit: Limit;
  readonly links: Links;
  /** Epoch milliseconds, to say how old things are. */
  readonly now: number;
  /** The first line, which nobody sees. */
  readonly marker?: string | undefined;
  /** The configuration's path, to say where a plan can be accepted. */
  readonly configPath: string;
}

/** Kept for what stands at the end, whatever else there is to say. */
const RESERVE = 1500;
const MAX_LINES = 50;

/** What is told, as GitHub-flavoured Markdown: what it comes to first. Cut where it is too long, with counts of the rest. */
export function renderPage(told: PageContent, options: PageOptions): string {
  const sheet = new BoundedMarkdown(options.limit, RESERVE);
  if (options.marker !== undefined) sheet.add(`${options.marker}\n`);
  switch (told.type) {
    case 'plan':
      sheet.add(`### flagops: ${planHeading(told.plan)}\n\n`);
      return planBody(sheet, told.plan, options);
    case 'drift':
      sheet.add(`### flagops: ${driftHeading(told.plan)}\n\n`);
      return planBody(sheet, told.plan, options);
    case 'applied':
      sheet.add(
        `### flagops apply\n\n${resultLines(told.report)
          .map((line) => prose(line))
          .join('  \n')}\n\n`,
      );
      addOutcomes(sheet, told.report);
      return planBody(sheet, told.report.plan, options);
    case 'findings':
      return findingsBody(sheet, told.findings, told.why, options);
    case 'error':
      sheet.add(`### flagops: failed\n\n> [!CAUTION]\n> ${prose(told.message)}\n`);
      if (told.hint !== undefined) sheet.add(`> ${prose(told.hint)}\n`);
      return sheet.finish(end([], options));
  }
}

function planHeading({ changes, counts, filtered, guards }: Plan): string {
  const refused = guards.some(({ lifted }) => !lifted) ? 'refused: ' : '';
  if (changes.length === 0) {
    return filtered === 0
      ? `${refused}no changes`
      : `${refused}nothing selected, ${plural(filtered, 'change')} filtered out`;
  }
  return `${refused}${countWords(counts)}`;
}

function driftHeading({ changes, filtered }: Plan): string {
  if (changes.length > 0) return `drift in ${plural(changes.length, 'override')}`;
  return filtered === 0 ? 'no drift' : 'no drift in what the filters select';
}

function planBody(sheet: BoundedMarkdown, plan: Plan, options: PageOptions): string {
  const tooLong = guardBlocks(plan, options.configPath).filter((block) => !sheet.add(`${block}\n\n`));
  addLines(
    sheet,
    plan.warnings.map((warning) => `> [!WARNING]\n> ${prose(warning)}\n`),
    'warning',
  );
  const hidden = addChanges(sheet, plan, options);
  const counts = countActions(hidden);
  const missing =
    hidden.length === 0
      ? []
      : [`**Not shown here: ${plural(hidden.length, 'change')}** (${countWords(counts)}).`];
  const unsaid =
    tooLong.length === 0 ? [] : [`**Not shown here: ${plural(tooLong.length, 'message')} of the guards.**`];
  const { takes, better } = estimateWords(plan.estimate);
  const filtered = plan.filtered === 0 ? '' : ` · ${plural(plan.filtered, 'change')} filtered out`;
  const advice = better === undefined ? [] : [`${better}.`];
  return sheet.finish(
    end(
      [...unsaid, ...missing, ...advice, `${takes}${filtered} · fingerprint \`${plan.fingerprint}\``],
      options,
    ),
  );
}

function addOutcomes(sheet: BoundedMarkdown, { outcomes, verification, notices }: ApplyReport): void {
  const open = outcomeLines(outcomes);
  addLines(
    sheet,
    open.map(openLine),
    'change that was not applied',
    'changes that were not applied',
    open.map(({ changes }) => changes),
  );
  addLines(
    sheet,
    (verification?.mismatches ?? []).map(
      ({ change }) => `- not live: ${prose(scopeKey(change))} ${code(showOverride(change), 200)}\n`,
    ),
    'change that is not live',
    'changes that are not live',
  );
  addLines(
    sheet,
    notices.map((notice) => `> [!WARNING]\n> ${prose(notice)}\n`),
    'notice',
  );
}

function openLine({ status, extent, scope, subject, message }: OutcomeLine): string {
  const what = {
    change: `${prose(scope)} ${code(subject, 200)}: ${prose(message, 300)}`,
    flag: `${code(subject, 200)} in ${prose(scope)}: ${prose(message)}`,
    run: `${subject}: ${prose(message)}`,
  }[extent];
  return `- ${status}: ${what}\n`;
}

function findingsBody(
  sheet: BoundedMarkdown,
  findings: Findings,
  why: string | undefined,
  options: PageOptions,
): string {
  const errors = findings.diagnostics.filter(({ severity }) => severity === 'error').length;
  const warnings = findings.diagnostics.length - errors;
  const read = `${plural(findings.overrides, 'override')} in ${plural(findings.files, 'file')}`;
  sheet.add(
    errors === 0
      ? `### flagops: valid\n\n${read}, ${plural(warnings, 'warning')}.\n\n`
      : `### flagops: invalid, ${plural(errors, 'error')}\n\n${plural(warnings, 'warning')} besides.\n\n`,
  );
  if (why !== undefined) sheet.add(`> [!NOTE]\n> ${prose(why)}\n\n`);
  const sorted = findings.diagnostics.toSorted(compareDiagnostics);
  let shown = 0;
  if (sorted.length > 0) sheet.add('| | Where | What |\n|---|---|---|\n');
  for (const diagnostic of sorted) {
    if (!sheet.add(diagnosticRow(diagnostic, options.links))) break;
    shown += 1;
  }
  const left = sorted.length - shown;
  return sheet.finish(end(left === 0 ? [] : [`**Not shown here: ${left} more.**`], options));
}

function diagnosticRow({ severity, code: name, message, hint, at }: Diagnostic, links: Links): string {
  const advice = hint === undefined ? '' : `<br>${prose(hint, 300)}`;
  const sign = severity === 'error' ? '🛑' : '⚠️';
  return `| ${sign} \`${name}\` | ${placeLink(at, links)} | ${prose(message, 300)}${advice} |\n`;
}

/**
 * Adds one line after the other, and how many things there are in those that do not fit.
 * @param amounts how many things each line is about, if that is not one
 */
function addLines(
  sheet: BoundedMarkdown,
  lines: readonly string[],
  one: string,
  many = `${one}s`,
  amounts: readonly number[] = lines.map(() => 1),
): void {
  let shown = 0;
  for (const line of lines.slice(0, MAX_LINES)) {
    if (!sheet.add(`${line}${line.startsWith('>') ? '\n' : ''}`)) break;
    shown += 1;
  }
  const left = amounts.slice(shown).reduce((sum, count) => sum + count, 0);
  if (left > 0) sheet.add(`\nand ${left} ${left === 1 ? one : many} more\n`);
  if (lines.length > 0) sheet.add('\n');
}

function end(lines: readonly string[], { links }: PageOptions): string {
  const log = links.run === undefined ? [] : [`[log of the run](${links.run})`];
  return `\n${[...lines, ...log].join('\n\n')}\n`;
}
