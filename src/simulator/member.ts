import { applyRequest, review } from './api/approval-actions.js';
import { ErrorResponse } from './api/errors.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { Flag, FlagConfig, Project } from './world/model.js';
import type { World } from './world/world.js';

// What a member does in LaunchDarkly's user interface.

interface Place {
  readonly project: Project;
  readonly flag: Flag;
}

/** Turns targeting on or off in one environment. */
export function turnFlag(
  world: World,
  { project, flag }: Place,
  environment: string,
  config: FlagConfig,
  on: boolean,
): void {
  if (config.on === on) return;
  config.on = on;
  world.changedConfig(project, flag, environment, config, {
    actor: 'member',
    actions: ['updateOn'],
    titleVerb: `turned ${on ? 'on' : 'off'}`,
    description: `Turned ${on ? 'on' : 'off'}`,
    comment: undefined,
  });
}

/** Archives, deprecates or restores a flag. */
export function setFlagState(world: World, { project, flag }: Place, state: Flag['state']): void {
  if (flag.state === state) return;
  flag.state = state;
  flag.stateDate = state === 'live' ? undefined : world.now();
  world.changedFlag(project, flag, {
    actor: 'member',
    actions: ['updateGlobalArchived'],
    titleVerb: `made ${state}`,
    description: `Made ${state}`,
    comment: undefined,
  });
}

/** What a member can do with an approval request. */
export type ApprovalDecision = 'approve' | 'decline' | 'apply';

/**
 * Approves, declines or applies an approval request.
 * @throws OperatorError `bad-approvals` if there is no such request, or if that is not possible
 */
export function decideRequest(world: World, id: string, decision: ApprovalDecision, comment?: string): void {
  const request = world.approvals.get(id);
  const project = request && world.projects.get(request.project);
  const flag = project?.flags.get(request?.flag ?? '');
  const environment = project?.environments.get(request?.environment ?? '');
  if (!request || !project || !flag || !environment) {
    throw badApprovals(`there is no approval request ${JSON.stringify(id)}`);
  }
  const placed = { project, flag, environment, request };
  try {
    if (decision === 'apply') applyRequest(world, placed, { comment, actor: 'member' });
    else review(world, placed, { kind: decision, comment, actor: 'member' });
  } catch (error) {
    if (error instanceof ErrorResponse) throw badApprovals(error.message);
    throw error;
  }
}

/**
 * Sets whether changes need an approval.
 * @param scope `PROJECT/ENVIRONMENT`, or `ENVIRONMENT` for all projects that have it
 * @throws OperatorError `bad-approvals` if there is no such environment
 */
export function requireApprovals(world: World, scope: string, required: boolean): void {
  const [environmentKey = '', projectKey] = scope.split('/').toReversed();
  const found = [...world.projects.values()]
    .filter(({ key }) => projectKey === undefined || key === projectKey)
    .flatMap(({ environments }) => environments.get(environmentKey) ?? []);
  if (found.length === 0) throw badApprovals(`there is no environment ${JSON.stringify(scope)}`);
  for (const environment of found) environment.requireApprovals = required;
}

function badApprovals(message: string): OperatorError {
  return new OperatorError('bad-approvals', message, {
    hint: 'name an environment as ENVIRONMENT or PROJECT/ENVIRONMENT, and a request by its id',
  });
}
