import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { OperatorError } from '../diagnostics/operator-error.js';
import { GitHubError } from '../github/api.js';
import { linksTo } from '../github/links.js';
import { SUMMARY_LIMIT, writeSummary } from '../github/files.js';
import { writeComment, writeIssue } from '../github/sticky.js';
import type { Plan } from '../reconcile/plan.js';
import { page, type PageOptions, type Told } from '../report/comment.js';
import type { Annotation } from './annotations.js';
import type { Step } from './step.js';

/** GitHub takes 65,536; what stands between is for what it may count differently. */
const COMMENT_LIMIT = 60_000;

/** Writes the page of the run. */
export function tellSummary(told: Told, step: Step): void {
  const limit = { size: SUMMARY_LIMIT - 48 * 1024, in: 'bytes' } as const;
  writeSummary(step.runner, step.hiding.clean(page(told, options(told, step, { limit }))));
}

/**
 * Tells the pull request, if there is one. What cannot be told is no failure of the run.
 * @returns a warning where GitHub refused
 */
export async function tellPullRequest(told: Told, step: Step): Promise<Annotation[]> {
  const { api, inputs, runner, trigger } = step;
  if (!inputs.comment || api === undefined || trigger.pullRequest === undefined) return [];
  const marker = markerOf('plan', step);
  const body = commentBody(told, marker, step);
  const { number } = trigger.pullRequest;
  return withWarning('pull-requests: write', async () => {
    await writeComment(api, runner.repository, number, marker, body, { add: isWorthAComment(told) });
  });
}

/**
 * Opens, updates or closes the issue about drift.
 * @returns warnings, and whether the issue says what there is to say
 */
export async function tellIssue(
  plan: Plan,
  step: Step,
): Promise<{ readonly told: boolean; readonly warnings: readonly Annotation[] }> {
  const { api, inputs, runner, trigger } = step;
  const isBranch = trigger.pullRequest === undefined && trigger.event !== 'merge_group';
  if (!inputs.comment || api === undefined || !isBranch) return { told: false, warnings: [] };
  const marker = markerOf('drift', step);
  const body = commentBody({ type: 'drift', plan }, marker, step);
  const scopes = new Set(plan.changes.map(({ project, environment }) => `${project}/${environment}`));
  const title = step.hiding.clean(
    `Drift in ${scopes.size === 1 ? [...scopes].join('') : `${scopes.size} scopes`}: LaunchDarkly is not what was last applied`,
  );
  const content = plan.changes.length === 0 ? undefined : { title, body };
  const warnings = await withWarning('issues: write', async () => {
    await writeIssue(api, runner.repository, marker, content, body);
  });
  return { told: warnings.length === 0, warnings };
}

function commentBody(told: Told, marker: string, step: Step): string {
  const limit = { size: COMMENT_LIMIT, in: 'characters' } as const;
  return step.hiding.clean(page(told, options(told, step, { limit, marker })));
}

function options(
  told: Told,
  { runner, io, configPath }: Step,
  more: Pick<PageOptions, 'limit' | 'marker'>,
): PageOptions {
  const plan = told.type === 'applied' ? told.report.plan : 'plan' in told ? told.plan : undefined;
  return {
    ...more,
    links: linksTo(runner, plan?.head?.id ?? runner.sha),
    now: io.now(),
    configPath,
  };
}

/** One comment for what one configuration plans at one LaunchDarkly, whatever the job that runs it is called. */
function markerOf(kind: string, { inputs, configPath, root }: Step): string {
  const what = [posix.join(root.fromWorkspace, configPath), inputs.baseUrl ?? ''].join('\n');
  const id = createHash('sha256').update(what).digest('hex').slice(0, 16);
  return `<!-- flagops:${kind}:${id} -->`;
}

/** Nothing to say is said where there is a comment already, and nowhere else. */
function isWorthAComment(told: Told): boolean {
  switch (told.type) {
    case 'plan':
    case 'drift':
      return told.plan.changes.length > 0 || told.plan.guards.length > 0 || told.plan.filtered > 0;
    case 'findings':
      return told.findings.diagnostics.length > 0;
    case 'applied':
    case 'error':
      return true;
  }
}

async function withWarning(permission: string, write: () => Promise<void>): Promise<Annotation[]> {
  try {
    await write();
    return [];
  } catch (error) {
    if (!(error instanceof GitHubError) && !(error instanceof OperatorError)) throw error;
    const denied = error instanceof GitHubError && !error.limited && [401, 403, 404].includes(error.status);
    const hint = denied ? ` (the job needs permissions: ${permission})` : '';
    return [{ level: 'warning', message: `GitHub was not told: ${error.message}${hint}` }];
  }
}
