import type { ApplyReport } from '../../apply/report.js';
import type { Findings } from '../../diagnostics/findings.js';
import type { PlannedApproval, Plan } from '../../reconcile/plan.js';
import { scopeKey } from '../../reconcile/state.js';
import { plural } from '../../text/plural.js';
import { approvalWords, looseningWords, passedWords } from '../words.js';
import { addLines } from './add-lines.js';
import { addAlert } from './alert.js';
import { BoundedMarkdown, type Limit } from './bounded-markdown.js';
import { addChanges, addScopeNotes } from './changes.js';
import { addUnmanaged, planDetails } from './details.js';
import { addSoon } from './expiring.js';
import { addFindings } from './findings.js';
import { acceptance, liftedLines, refusalLines } from './guards.js';
import {
  type AppliedBy,
  driftHeadline,
  findingsHeadline,
  type Headline,
  planHeadline,
  refusedHeadline,
  resultHeadline,
} from './headline.js';
import { addOutcomes } from './outcomes.js';
import type { Row } from './rows.js';
import { code, type Links, markdownLink, placeLink, prose } from './text.js';

/** What a comment, an issue or the summary of a run is about. */
export type PageContent =
  /** `refused` if it is the plan of an apply that a guard has refused. */
  | { readonly type: 'plan'; readonly plan: Plan; readonly refused?: true }
  | { readonly type: 'applied'; readonly report: ApplyReport }
  /** The plan contains drift only. */
  | { readonly type: 'drift'; readonly plan: Plan }
  /** `reason` is why the declarations were only validated. */
  | { readonly type: 'findings'; readonly findings: Findings; readonly reason?: string | undefined }
  | { readonly type: 'error'; readonly message: string; readonly hint?: string | undefined };

export interface PageOptions {
  readonly limit: Limit;
  readonly links: Links;
  /** An HTML comment for the first line, by which the page is found again. */
  readonly marker?: string | undefined;
  /** The configuration's path, for the advice to accept a plan there. */
  readonly configPath: string;
  /** Whether to name the unmanaged overrides, not only count them. */
  readonly unmanaged?: boolean | undefined;
  /** The globs that select scopes, for the heading: a pull request may have a comment for each selection. */
  readonly selected?: readonly string[] | undefined;
  /** What will apply the plan; `apply` by default. */
  readonly appliedBy?: AppliedBy | undefined;
  /** Whether advice names the inputs of the Action, not the options of the command line. */
  readonly inAction?: boolean | undefined;
  /** The URL of the page that has what this one has no room for. */
  readonly longer?: string | undefined;
}

/** Characters or bytes that are kept free for the end of the page. */
const RESERVE = 1500;

/** Renders content as GitHub-flavoured Markdown, the result first. What exceeds the limit is left out and counted. */
export function renderPage(content: PageContent, options: PageOptions): string {
  const page = new BoundedMarkdown(options.limit, RESERVE);
  if (options.marker !== undefined) page.add(`${options.marker}\n`);
  const { status, isBad, more } = headlineOf(content, options.appliedBy ?? 'apply');
  page.add(`### ${isBad ? '🛑 ' : ''}${nameOf(options)}: ${prose(status)}\n\n`);
  if (more !== '') page.add(`${more}\n\n`);
  const end = addContent(page, content, options);
  return page.finish(`${end.join('\n\n')}\n`);
}

function nameOf({ selected = [] }: PageOptions): string {
  return selected.length === 0 ? 'flagops' : `flagops (${prose(selected.join(', '))})`;
}

function headlineOf(content: PageContent, by: AppliedBy): Headline {
  switch (content.type) {
    case 'plan':
      return content.refused === true ? refusedHeadline(content.plan) : planHeadline(content.plan, by);
    case 'drift':
      return driftHeadline(content.plan);
    case 'applied':
      return resultHeadline(content.report);
    case 'findings':
      return findingsHeadline(content.findings, by);
    case 'error': {
      const status = by === 'merge' ? 'failed, what merging will change is not known' : 'failed';
      return { status, isBad: true, more: '' };
    }
  }
}

/** Adds the content. Returns the paragraphs for the end of the page, which always fit. */
function addContent(page: BoundedMarkdown, content: PageContent, options: PageOptions): string[] {
  const { links } = options;
  const log = links.run === undefined ? [] : [markdownLink('log of the run', links.run)];
  switch (content.type) {
    case 'plan':
    case 'drift':
      return addPlan(page, content.plan, content.type === 'drift', options);
    case 'applied':
      addOutcomes(page, content.report);
      return addPlan(page, content.report.plan, false, options);
    case 'findings':
      return [...addFindings(page, content.findings, content.reason, links), ...log];
    case 'error': {
      const { message, hint } = content;
      addAlert(page, 'CAUTION', [prose(message), ...(hint === undefined ? [] : [prose(hint)])]);
      return log;
    }
  }
}

/** Adds what needs attention, then the changes, and returns the paragraphs for the end of the page. */
function addPlan(page: BoundedMarkdown, plan: Plan, isDrift: boolean, options: PageOptions): string[] {
  const { links, unmanaged, inAction = false } = options;
  // A loosening comes first, even before what refuses the plan.
  if (plan.loosened.length > 0) addWarnings(page, plan, options);
  addAlert(page, 'CAUTION', refusalLines(plan, inAction));
  const accept = acceptance(plan, options.configPath);
  if (accept !== undefined) page.add(`${accept}\n\n`);
  if (plan.loosened.length === 0) addWarnings(page, plan, options);
  addLines(page, (plan.approvals ?? []).map(approvalItem), 'approval request');
  const hidden = addChanges(page, plan, { isDrift, inAction }, links);
  addScopeNotes(page, plan.scopes);
  addSoon(page, plan.expiring.soon, links);
  if (unmanaged === true) for (const scope of plan.scopes) addUnmanaged(page, scope);
  return [...hiddenText(hidden, options), planDetails(page, plan, { links, inAction })];
}

function addWarnings(page: BoundedMarkdown, plan: Plan, { links, inAction = false }: PageOptions): void {
  addAlert(page, 'WARNING', [
    ...plan.loosened.map((loosening) => prose(`Loosened: ${looseningWords(loosening, plan.scopes)}`)),
    ...liftedLines(plan, inAction),
    ...plan.warnings.map((warning) => prose(warning)),
    ...plan.expiring.past.map((date) => `${placeLink(date.at, links)}: ${prose(passedWords(date))}`),
  ]);
}

/** How many changes are not shown, and where they are. */
function hiddenText(hidden: readonly Row[], { longer, links }: PageOptions): string[] {
  const count = (isDate: boolean): number =>
    hidden.filter((row) => row.isDate === isDate).reduce((sum, row) => sum + row.changes, 0);
  const parts = [
    ...(count(false) === 0 ? [] : [plural(count(false), 'change')]),
    ...(count(true) === 0 ? [] : [plural(count(true), 'date')]),
  ];
  if (parts.length === 0) return [];
  const log = links.run === undefined ? '' : 'The log has all of them.';
  const where = longer === undefined ? log : `See the ${markdownLink('summary of the run', longer)}.`;
  return [`**Not shown here: ${parts.join(' and ')}.** ${where}`];
}

function approvalItem(approval: PlannedApproval): string {
  const link = markdownLink('Approval request', approval.url);
  const mark = approval.current ? '' : '⚠️ ';
  return `- ${mark}${link} for ${code(approval.flag)} in ${prose(scopeKey(approval))} ${approvalWords(approval)}\n`;
}
