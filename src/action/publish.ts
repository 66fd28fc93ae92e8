import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { GitHubError } from '../github/api.js';
import { sourceWithoutSecrets } from '../github/decide.js';
import { linksTo } from '../github/links.js';
import type { Runner } from '../github/runner.js';
import { SUMMARY_LIMIT, writeSummary } from '../github/runner-files.js';
import { writeComment, writeIssue } from '../github/sticky.js';
import { hasChanges, type Plan } from '../reconcile/plan.js';
import { type PageContent, type PageOptions, renderPage } from '../report/page/page.js';
import { type Annotation, warningAnnotation } from './annotations.js';
import type { StepContext } from './step-context.js';

/** GitHub accepts 65,536 characters, but may count some of them differently. */
const COMMENT_LIMIT = 60_000;

/** Characters of an issue's title. */
const TITLE_LIMIT = 256;

/** Writes the summary of the run. Returns a warning if it cannot be written. */
export function publishSummary(content: PageContent, step: StepContext): Annotation[] {
  const limit = { size: SUMMARY_LIMIT - 48 * 1024, in: 'bytes' } as const;
  return writePage(step.runner, render(content, step, { limit }));
}

/** Writes rendered Markdown to the summary of the run. Returns a warning if it cannot be written. */
export function writePage(runner: Pick<Runner, 'summaryFile'>, markdown: string): Annotation[] {
  try {
    writeSummary(runner, markdown);
    return [];
  } catch (error) {
    return [warningAnnotation(error instanceof Error ? error.message : String(error))];
  }
}

/**
 * Writes the comment of the pull request, if the run belongs to one.
 * @returns a warning if GitHub refused; that does not fail the run
 */
export async function publishComment(content: PageContent, step: StepContext): Promise<Annotation[]> {
  const { api, inputs, runner, trigger } = step;
  if (!inputs.comment || api === undefined || trigger.pullRequest === undefined) return [];
  if (sourceWithoutSecrets(trigger, inputs.accessToken !== undefined) !== undefined) return [];
  const marker = markerOf('plan', step);
  const body = commentBody(content, marker, step);
  const { number } = trigger.pullRequest;
  return warnIfRefused('pull-requests: write', async () => {
    await writeComment(api, runner.repository, number, marker, body, { add: isWorthAComment(content) });
  });
}

/**
 * Opens, updates or closes the issue about drift.
 * @returns warnings, and whether the issue now shows the drift that `plan` contains
 */
export async function publishIssue(
  plan: Plan,
  step: StepContext,
): Promise<{ readonly published: boolean; readonly warnings: readonly Annotation[] }> {
  const { api, inputs, runner } = step;
  if (!inputs.comment || api === undefined || !ownsIssue(step)) return { published: false, warnings: [] };
  // Without last-applied, for example if its refs could not be fetched, drift is unknown and the issue stays open.
  const isKnown = plan.scopes.some(({ lastApplied }) => lastApplied !== undefined);
  if (!isKnown && !hasChanges(plan)) return { published: true, warnings: [] };
  const marker = markerOf('drift', step);
  const body = commentBody({ type: 'drift', plan }, marker, step);
  const issue = !hasChanges(plan) ? undefined : { title: issueTitle(plan, step), body };
  const warnings = await warnIfRefused('issues: write', async () => {
    await writeIssue(api, runner.repository, marker, issue, body);
  });
  return { published: warnings.length === 0, warnings };
}

function issueTitle({ changes, dates }: Plan, { mask }: StepContext): string {
  const scopes = new Set(
    [...changes, ...dates].map(({ project, environment }) => `${project}/${environment}`),
  );
  const where = scopes.size === 1 ? [...scopes].join('') : `${scopes.size} scopes`;
  return mask
    .clean(`Drift in ${where}: LaunchDarkly differs from what was last applied`)
    .slice(0, TITLE_LIMIT);
}

/** There is one issue, about the branch that is applied. A run on another branch must not change it. */
function ownsIssue({ trigger, inputs }: StepContext): boolean {
  if (trigger.event === 'schedule') return true;
  if (trigger.pullRequest !== undefined || trigger.event === 'merge_group') return false;
  const branch = inputs.applyBranch ?? trigger.defaultBranch;
  return branch !== undefined && trigger.ref === `refs/heads/${branch}`;
}

function commentBody(content: PageContent, marker: string, step: StepContext): string {
  const limit = { size: COMMENT_LIMIT, in: 'characters' } as const;
  return render(content, step, { limit, marker, longer: step.runner.runUrl });
}

/** Renders content whose context keys are already redacted, if they are to be. */
function render(
  content: PageContent,
  step: StepContext,
  options: Pick<PageOptions, 'limit' | 'marker' | 'longer'>,
): string {
  return step.mask.withoutTokens(
    renderPage(content, {
      ...options,
      links: linksTo(step.runner, planOf(content)?.head?.id ?? step.runner.sha),
      configPath: step.configPath,
      appliedBy: mergeApplies(step) ? 'merge' : 'apply',
      inAction: true,
      selected: [...step.inputs.selection.projects, ...step.inputs.selection.environments],
    }),
  );
}

/** Whether the merge of the run's pull request pushes to the branch that is applied, as far as GitHub says. */
function mergeApplies({ trigger, inputs }: StepContext): boolean {
  const { pullRequest, defaultBranch } = trigger;
  if (pullRequest === undefined) return trigger.event === 'merge_group';
  const applied = inputs.applyBranch ?? defaultBranch;
  return pullRequest.base === undefined || applied === undefined || pullRequest.base === applied;
}

function planOf(content: PageContent): Plan | undefined {
  if (content.type === 'applied') return content.report.plan;
  return content.type === 'plan' || content.type === 'drift' ? content.plan : undefined;
}

/** One comment for each configuration, LaunchDarkly instance and selection of scopes, whichever job writes it. */
function markerOf(kind: string, { inputs, configPath, root }: StepContext): string {
  const { projects, environments } = inputs.selection;
  const identity = [posix.join(root.fromWorkspace, configPath), inputs.baseUrl ?? ''];
  if (projects.length > 0 || environments.length > 0) identity.push(JSON.stringify([projects, environments]));
  const id = createHash('sha256').update(identity.join('\n')).digest('hex').slice(0, 16);
  return `<!-- flagops:${kind}:${id} -->`;
}

/** A result without anything to report updates an existing comment, but does not add one. */
function isWorthAComment(content: PageContent): boolean {
  switch (content.type) {
    case 'plan':
    case 'drift': {
      const { guards, loosened, filtered } = content.plan;
      return hasChanges(content.plan) || guards.length > 0 || loosened.length > 0 || filtered > 0;
    }
    case 'findings':
      return content.findings.diagnostics.length > 0;
    case 'applied':
    case 'error':
      return true;
  }
}

/** Writes to GitHub. An error becomes a warning, so that the result of the run is not lost. */
async function warnIfRefused(permission: string, write: () => Promise<void>): Promise<Annotation[]> {
  try {
    await write();
    return [];
  } catch (error) {
    const hint = isDenied(error) ? ` (the job needs permissions: ${permission})` : '';
    const message = error instanceof Error ? error.message : String(error);
    return [warningAnnotation(`could not write to GitHub: ${message}${hint}`)];
  }
}

/** Whether a permission is missing. A locked conversation also returns 403, whatever the permissions are. */
function isDenied(error: unknown): boolean {
  if (!(error instanceof GitHubError) || error.limited || /\blocked\b/i.test(error.message)) return false;
  return [401, 403, 404].includes(error.status);
}
