import { OperatorError } from '../diagnostics/operator-error.js';
import type { ActionCommand } from './inputs.js';
import type { Trigger } from './trigger.js';

/** The command that a run executes. */
export interface Decision {
  readonly command: ActionCommand;
  /** Why it is not what the workflow or the event asked for; for the log. */
  readonly reason?: string;
}

/** Events whose checkout is not the branch's content, so that it must not be applied. */
const NEVER_APPLY: ReadonlySet<string> = new Set(['pull_request', 'pull_request_target', 'merge_group']);

/**
 * The command for an event, if the workflow names none.
 * @param applyBranch the branch that is applied; undefined if it is not known
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
 * Whether a command may run on an event, and what runs instead if GitHub withholds the secrets.
 * @param wanted the command, and whether it may write to LaunchDarkly
 * @param hasToken whether there is a LaunchDarkly token
 * @throws OperatorError `apply-refused` if the event or the ref must not be applied
 */
export function decide(
  wanted: { readonly command: ActionCommand; readonly writes: boolean },
  trigger: Trigger,
  applyBranch: string | undefined,
  hasToken: boolean,
): Decision {
  const { command } = wanted;
  if (wanted.writes) refuseWrongRef(command, trigger, applyBranch);
  const source = command === 'validate' ? undefined : sourceWithoutSecrets(trigger, hasToken);
  if (source === undefined) return { command };
  const reason = `only validated: GitHub gives no secrets to ${source}, so there is no token to plan with`;
  return { command: 'validate', reason };
}

/**
 * Names the pull requests that this run belongs to if GitHub gives them no secrets. For them, the GitHub token cannot
 * write either. Undefined if the run has its secrets, or a LaunchDarkly token from elsewhere.
 */
export function sourceWithoutSecrets(trigger: Trigger, hasToken: boolean): string | undefined {
  if (hasToken || trigger.pullRequest === undefined) return undefined;
  if (trigger.pullRequest.fork) return 'pull requests from forks';
  return trigger.withoutSecrets ? 'Dependabot' : undefined;
}

function refuseWrongRef(command: ActionCommand, trigger: Trigger, applyBranch: string | undefined): void {
  const what = command === 'apply' ? 'apply' : 'drift: repair';
  if (NEVER_APPLY.has(trigger.event)) {
    throw new OperatorError('apply-refused', `${what} does not run on ${trigger.event} events`, {
      hint: 'plan there, and apply on push to the default branch',
    });
  }
  if (applyBranch === undefined || trigger.ref !== `refs/heads/${applyBranch}`) {
    const wanted = applyBranch === undefined ? 'the default branch, which GitHub did not name' : applyBranch;
    throw new OperatorError('apply-refused', `${what} runs only on ${wanted}, and this is ${trigger.ref}`, {
      hint: 'set apply-branch to apply another branch',
    });
  }
}
