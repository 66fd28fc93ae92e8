import { OperatorError } from '../diagnostics/operator-error.js';
import type { ActionCommand } from './inputs.js';
import type { Trigger } from './trigger.js';

/** What a run does, and what whoever reads its log should know about that. */
export interface Decision {
  readonly command: ActionCommand;
  readonly reason?: string;
}

/** Events whose checkout is not what the branch holds, so that nothing may be written. */
const NEVER_APPLY: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'merge_group']);

/**
 * Decides what an event is answered with, where the workflow does not say.
 * @param applyBranch the branch that is applied; undefined where it is not known
 */
export function commandFor(trigger: Trigger, applyBranch: string | undefined): ActionCommand {
  switch (trigger.event) {
    case 'push':
      return applyBranch !== undefined && trigger.ref === `refs/heads/${applyBranch}` ? 'apply' : 'plan';
    case 'schedule':
      return 'drift';
    default:
      return 'plan';
  }
}

/**
 * What becomes of a command under an event.
 * @param hasToken whether there is a token for LaunchDarkly
 * @throws OperatorError `apply-refused` where the event or the ref must not be applied
 */
export function decide(
  command: ActionCommand,
  trigger: Trigger,
  applyBranch: string | undefined,
  hasToken: boolean,
): Decision {
  if (command === 'apply') refuse(trigger, applyBranch);
  const whose = command === 'validate' ? undefined : sourceWithoutSecrets(trigger, hasToken);
  if (whose === undefined) return { command };
  const reason = `only validated: GitHub gives no secrets to ${whose}, so there is no token to plan with`;
  return { command: 'validate', reason };
}

/**
 * Whose pull request it is that GitHub gives no secrets to; undefined where it does, or where there is a token all the
 * same. The token for GitHub cannot write there either.
 */
export function sourceWithoutSecrets(trigger: Trigger, hasToken: boolean): string | undefined {
  if (hasToken || trigger.pullRequest === undefined) return undefined;
  if (trigger.pullRequest.fork) return 'pull requests from forks';
  return trigger.withoutSecrets ? 'Dependabot' : undefined;
}

function refuse(trigger: Trigger, applyBranch: string | undefined): void {
  if (NEVER_APPLY.has(trigger.event)) {
    throw new OperatorError('apply-refused', `apply does not run under ${trigger.event}`, {
      hint: 'plan there, and apply on push to the default branch',
    });
  }
  if (applyBranch === undefined || trigger.ref !== `refs/heads/${applyBranch}`) {
    const wanted = applyBranch === undefined ? 'the default branch, which GitHub did not name' : applyBranch;
    throw new OperatorError('apply-refused', `apply runs on ${wanted} alone, and this is ${trigger.ref}`, {
      hint: 'set apply-branch if another branch is meant',
    });
  }
}
