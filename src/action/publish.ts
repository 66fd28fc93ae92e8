import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { GitHubError } from '../github/api.js';
import { sourceWithoutSecrets } from '../github/decide.js';
import { linksTo } from '../github/links.js';
import { SUMMARY_LIMIT, writeSummary } from '../github/runner-files.js';
import type { Runner } from '../github/runner.js';
import { writeComment, writeIssue } from '../github/sticky.js';
import type { Plan } from '../reconcile/plan.js';
import { renderPage, type PageOptions, type PageContent } from '../report/page/page.js';
import type { Annotation } from './annotations.js';
import type { StepContext } from './step-context.js';

/** GitHub takes 65,536; what stands between is for what it may count differently. */
const COMMENT_LIMIT = 60_000;

/** Characters of an issue's title. */
const TITLE_LIMIT = 256;

/** Writes the page of the run. Gives a warning where it cannot be written. */
export function publishSummary(content: PageContent, step: StepContext): Annotation[] {
  const limit = { size: SUMMARY_LIMIT - 48 * 1024, in: 'bytes' } as const;
  return writePage(step.runner, render(content, step, { limit }));
}

/** The same for text that is ready. */
export function writePage(runner: Pick<Runner, 'summaryFile'>, markdown: string): Annotation[] {
  try {
    writeSummary(runner, markdown);
    return [];
  } catch (error) {
    return [warning(error instanceof Error ? error.message : String(error))];
  }
}

/**
 * Tells the pull request, if there is one. What cannot be content is no failure of the run.
 * @returns a warning where GitHub refused
 */
export async function publishComment(content: PageContent, step: StepContext): Promise<Annotation[]> {
  const { api, inputs, runner, trigger } = step;
  if (!inputs.comment || api === undefined || trigger.pullRequest === undefined) return [];
  if (sourceWithoutSecrets(trigger, inputs.accessToken !== undefined) !== undefined) return [];
  const marker = markerOf('plan', step);
  const body = commentBody(content, marker, step);
  const { number } = trigger.pullRequest;
  return withWarning('pull-requests: write', async () => {
    await writeComment(api, runner.repository, number, marker, body, { add: isWorthAComment(content) });
  });
}

/**
 * Opens, updates or closes the issue about drift.
 * @returns warnings, and whether the issue says what there is to say
 */
export async function publishIssue(
  plan: Plan,
  step: StepContext,
): Promise<{ readonly content: boolean; readonly warnings: readonly Annotation[] }> {
  const { api, inputs, runner } = step;
  if (!inputs.comment || api === undefined || !speaksForTheBranch(step)) return { content: false, warnings: [] };
  // Where no last-applied is known, as when its refs could not be fetched, nobody can say that the drift is gone.
  const isKnown = plan.scopes.some(({ lastApplied }) => lastApplied !== undefined);
  if (!isKnown && plan.changes.length === 0) return { content: true, warnings: [] };
  const marker = markerOf('drift', step);
  const body = commentBody({ type: 'drift', plan }, marker, step);
  const scopes = new Set(plan.changes.map(({ project, environment }) => `${project}/${environment}`));
  const where = scopes.size === 1 ? [...scopes].join('') : `${scopes.size} scopes`;
  const title = step.mask
    .clean(`Drift in ${where}: LaunchDarkly is not what was last applied`)
    .slice(0, TITLE_LIMIT);
  const content = plan.changes.length === 0 ? undefined : { title, body };
  const warnings = await withWarning('issues: write', async () => {
    await writeIssue(api, runner.repository, marker, content, body);
  });
  return { content: warnings.length === 0, warnings };
}

/** One issue is kept for the branch that is applied; what a run of another branch sees is its own. */
function speaksForTheBranch({ trigger, inputs }: StepContext): boolean {
  if (trigger.event === 'schedule') return true;
  if (trigger.pullRequest !== undefined || trigger.event === 'merge_group') return false;
  const branch = inputs.applyBranch ?? trigger.defaultBranch;
  return branch !== undefined && trigger.ref === `refs/heads/${branch}`;
}

function commentBody(content: PageContent, marker: string, step: StepContext): string {
  const limit = { size: COMMENT_LIMIT, in: 'characters' } as const;
  return render(content, step, { limit, marker });
}

/** What is content has no context keys in it any more, where they are to be hidden. */
function render(content: PageContent, step: StepContext, more: Pick<PageOptions, 'limit' | 'marker'>): string {
  return step.mask.withoutTokens(renderPage(content, options(content, step, more)));
}

function options(
  content: PageContent,
  { runner, io, configPath }: StepContext,
  more: Pick<PageOptions, 'limit' | 'marker'>,
): PageOptions {
  const plan = content.type === 'applied' ? content.report.plan : 'plan' in content ? content.plan : undefined;
  return {
    ...more,
    links: linksTo(runner, plan?.head?.id ?? runner.sha),
    now: io.now(),
    configPath,
  };
}

/** One comment for what one configuration plans at one LaunchDarkly, whatever the job that runs it is called. */
function markerOf(kind: string, { inputs, configPath, root }: StepContext): string {
  const what = [posix.join(root.fromWorkspace, configPath), inputs.baseUrl ?? ''].join('\n');
  const id = createHash('sha256').update(what).digest('hex').slice(0, 16);
  return `<!-- flagops:${kind}:${id} -->`;
}

/** Nothing to say is said where there is a comment already, and nowhere else. */
function isWorthAComment(content: PageContent): boolean {
  switch (content.type) {
    case 'plan':
    case 'drift':
      return content.plan.changes.length > 0 || content.plan.guards.length > 0 || content.plan.filtered > 0;
    case 'findings':
      return content.findings.diagnostics.length > 0;
    case 'applied':
    case 'error':
      return true;
  }
}

const warning = (message: string): Annotation => ({ level: 'warning', message });

/** Whatever goes wrong, it is no reason to lose what the run came to. */
async function withWarning(permission: string, write: () => Promise<void>): Promise<Annotation[]> {
  try {
    await write();
    return [];
  } catch (error) {
    const hint = isDenied(error) ? ` (the job needs permissions: ${permission})` : '';
    const message = error instanceof Error ? error.message : String(error);
    return [warning(`GitHub was not content: ${message}${hint}`)];
  }
}

/** Whether the token may not do it. A conversation that is locked is refused with 403 too, to everybody. */
function isDenied(error: unknown): boolean {
  if (!(error instanceof GitHubError) || error.limited || /\blocked\b/i.test(error.message)) return false;
  return [401, 403, 404].includes(error.status);
}
