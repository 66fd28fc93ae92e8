import { OperatorError } from '../diagnostics/operator-error.js';
import { branchTip } from '../github/branch.js';
import { openRepository } from '../history/git/repository.js';
import type { StepContext } from './step-context.js';

/** The checked-out commit is not the tip of the branch. Applying it would undo newer commits. */
export class OutOfDate extends Error {
  override readonly name = 'OutOfDate';
}

/**
 * Creates a check that the checked-out commit is the tip of a branch at GitHub. It may be called several times, and
 * throws OutOfDate if the branch is at another commit, OperatorError if that cannot be determined.
 * @throws OperatorError without a GitHub token
 */
export function createTipCheck({ api, runner, root, io }: StepContext, branch: string): () => Promise<void> {
  if (api === undefined) {
    throw new OperatorError('no-github-token', `apply needs to ask GitHub for the tip of ${branch}`, {
      hint: 'leave github-token at its default, and grant the job contents: read',
    });
  }
  const checkedOut = openRepository(root.path, io.signal);
  return async () => {
    const [tip, repository] = await Promise.all([branchTip(api, runner.repository, branch), checkedOut]);
    const head = repository?.head?.id;
    if (head === undefined) {
      throw new OperatorError('no-checkout', `cannot tell which commit of ${branch} is in ${root.path}`, {
        hint: 'check the branch out with actions/checkout, on a runner that has git',
      });
    }
    if (head === tip) return;
    throw new OutOfDate(
      `nothing was applied: ${branch} is at ${tip.slice(0, 12)}, but this run checked out ${head.slice(0, 12)}; the run for the newer commit applies it (if that run was cancelled, start it again)`,
    );
  };
}
