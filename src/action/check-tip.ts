import { OperatorError } from '../diagnostics/operator-error.js';
import { branchTip } from '../github/branch.js';
import { openRepository } from '../history/git/repository.js';
import type { StepContext } from './step-context.js';

/** What was checked out is not what the branch holds, so it must not be applied: that would undo what came after it. */
export class OutOfDate extends Error {
  override readonly name = 'OutOfDate';
}

/**
 * A check that a branch of GitHub's stands at the commit that the declarations are read from, to be called at once and
 * as often as wanted. It throws OutOfDate where the branch stands elsewhere, and OperatorError where nobody can tell.
 * @throws OperatorError without a token for GitHub
 */
export function createTipCheck({ api, runner, root, io }: StepContext, branch: string): () => Promise<void> {
  if (api === undefined) {
    throw new OperatorError('no-github-token', `apply must ask GitHub where ${branch} stands`, {
      hint: 'leave github-token to its default, and grant the job contents: read',
    });
  }
  const checkedOut = openRepository(root.path, io.signal);
  return async () => {
    const [tip, repository] = await Promise.all([branchTip(api, runner.repository, branch), checkedOut]);
    const head = repository?.head?.id;
    if (head === undefined) {
      throw new OperatorError('no-checkout', `nobody can tell which commit of ${branch} ${root.path} holds`, {
        hint: 'check the branch out with actions/checkout, on a runner that has git',
      });
    }
    if (head === tip) return;
    throw new OutOfDate(
      `nothing was applied: ${branch} stands at ${tip.slice(0, 12)}, and this run checked out ${head.slice(0, 12)}; the run of the newer commit applies it (where that one was cancelled, run it again)`,
    );
  };
}
