import type { ApplyReport } from '../../apply/report.js';
import type { Findings } from '../../diagnostics/findings.js';
import { countActions, hasChanges, type PlannedApproval, type Plan } from '../../reconcile/plan.js';
import { countOverrides, scopeKey } from '../../reconcile/state.js';
import { plural } from '../../text/plural.js';
import { resultLines } from '../result-words.js';
import { approvalWords, countWords, estimateWords, looseningWords, planCountWords } from '../words.js';
import { addLines } from './add-lines.js';
import { BoundedMarkdown, type Limit } from './bounded-markdown.js';
import { addChanges } from './changes.js';
import { addDates } from './dates.js';
import { addExpiring } from './expiring.js';
import { addFindings } from './findings.js';
import { guardBlocks } from './guards.js';
import { addOutcomes } from './outcomes.js';
import { code, type Links, markdownLink, prose } from './text.js';

/** What a comment, an issue or the summary of a run is about. */
export type PageContent =
  | { readonly type: 'plan'; readonly plan: Plan }
  | { readonly type: 'applied'; readonly report: ApplyReport }
  /** The plan contains drift only. */
  | { readonly type: 'drift'; readonly plan: Plan }
  /** `reason` is why the declarations were only validated. */
  | { readonly type: 'findings'; readonly findings: Findings; readonly reason?: string | undefined }
  | { readonly type: 'error'; readonly message: string; readonly hint?: string | undefined };

export interface PageOptions {
  readonly limit: Limit;
  readonly links: Links;
  /** Epoch milliseconds; ages are relative to it. */
  readonly now: number;
  /** An HTML comment for the first line, by which the page is found again. */
  readonly marker?: string | undefined;
  /** The configuration's path, for the advice to accept a plan there. */
  readonly configPath: string;
  /** Whether to name the unmanaged overrides, not only count them. */
  readonly unmanaged?: boolean | undefined;
  /** The globs that select scopes, for the heading: a pull request may have a comment for each selection. */
  readonly selected?: readonly string[] | undefined;
}

/** Characters or bytes that are kept free for the end of the page. */
const RESERVE = 1500;

/** Renders content as GitHub-flavoured Markdown, the result first. What exceeds the limit is left out and counted. */
export function renderPage(content: PageContent, options: PageOptions): string {
  const page = new BoundedMarkdown(options.limit, RESERVE);
  if (options.marker !== undefined) page.add(`${options.marker}\n`);
  const end = addContent(page, content, options);
  if (options.links.run !== undefined) end.push(`[log of the run](${options.links.run})`);
  return page.finish(`\n${end.join('\n\n')}\n`);
}

/** Adds the content. Returns the paragraphs for the end of the page, which always fit. */
function addContent(page: BoundedMarkdown, content: PageContent, options: PageOptions): string[] {
  const { selected = [] } = options;
  const name = selected.length === 0 ? 'flagops' : `flagops (${prose(selected.join(', '))})`;
  switch (content.type) {
    case 'plan':
      page.add(`### ${name}: ${planHeading(content.plan)}\n\n`);
      return addPlan(page, content.plan, options);
    case 'drift':
      page.add(`### ${name}: ${driftHeading(content.plan)}\n\n`);
      return addPlan(page, content.plan, options);
    case 'applied':
      page.add(`### ${name} apply\n\n${resultParagraph(content.report)}\n\n`);
      addOutcomes(page, content.report);
      return addPlan(page, content.report.plan, options);
    case 'findings':
      return addFindings(page, content.findings, content.reason, options.links);
    case 'error':
      page.add(`### ${name}: failed\n\n> [!CAUTION]\n> ${prose(content.message)}\n`);
      if (content.hint !== undefined) page.add(`> ${prose(content.hint)}\n`);
      return [];
  }
}

function planHeading(plan: Plan): string {
  const { filtered, guards } = plan;
  const refused = guards.some(({ lifted }) => !lifted) ? 'refused: ' : '';
  if (!hasChanges(plan)) {
    return filtered === 0
      ? `${refused}no changes`
      : `${refused}nothing selected, ${plural(filtered, 'change')} filtered out`;
  }
  return `${refused}${planCountWords(plan)}`;
}

function driftHeading({ changes, dates, filtered }: Plan): string {
  const count = countOverrides([...changes, ...dates]);
  if (count > 0) return `drift in ${plural(count, 'override')}`;
  return filtered === 0 ? 'no drift' : 'no drift in what the filters select';
}

/** With a line break after each line but the last. */
function resultParagraph(report: ApplyReport): string {
  return resultLines(report)
    .map((line) => prose(line))
    .join('  \n');
}

/** Adds what was loosened, guards, warnings, scopes and changes, and returns the paragraphs for the end of the page. */
function addPlan(page: BoundedMarkdown, plan: Plan, options: PageOptions): string[] {
  addLines(
    page,
    plan.loosened.map(
      (loosening) => `> [!WARNING]\n> ${prose(`Loosened: ${looseningWords(loosening, plan.scopes)}`)}\n`,
    ),
    'loosened key',
  );
  const hiddenGuards = guardBlocks(plan, options.configPath).filter((block) => !page.add(`${block}\n\n`));
  addLines(
    page,
    plan.warnings.map((warning) => `> [!WARNING]\n> ${prose(warning)}\n`),
    'warning',
  );
  addLines(page, (plan.approvals ?? []).map(approvalItem), 'approval request');
  addExpiring(page, plan.expiring, options.links);
  const hidden = addChanges(page, plan, options);
  const hiddenDates = addDates(page, plan.dates, options.links);
  const { takes, better } = estimateWords(plan.estimate);
  const filtered = plan.filtered === 0 ? '' : ` · ${plural(plan.filtered, 'change')} filtered out`;
  return [
    ...(hiddenGuards.length === 0
      ? []
      : [`**Not shown here: ${plural(hiddenGuards.length, 'guard message')}.**`]),
    ...(hidden.length === 0
      ? []
      : [`**Not shown here: ${plural(hidden.length, 'change')}** (${countWords(countActions(hidden))}).`]),
    ...(hiddenDates === 0 ? [] : [`**Not shown here: ${plural(hiddenDates, 'date')}.**`]),
    ...(better === undefined ? [] : [`${better}.`]),
    `${takes}${filtered} · fingerprint \`${plan.fingerprint}\``,
  ];
}

function approvalItem(approval: PlannedApproval): string {
  const link = markdownLink('Approval request', approval.url);
  const mark = approval.current ? '' : '⚠️ ';
  return `- ${mark}${link} for ${code(approval.flag)} in ${prose(scopeKey(approval))} ${approvalWords(approval)}\n`;
}
