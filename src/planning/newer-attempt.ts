import { OperatorError } from '../diagnostics/operator-error.js';
import { isAncestor } from '../history/git/ancestry.js';
import { shortId } from '../reconcile/commit.js';
import { scopeKey } from '../reconcile/state.js';
import type { GitState } from './git-state.js';
import type { CoveredScope } from './scopes.js';

/**
 * Refuses to repair drift while an apply of a commit that HEAD does not contain may be writing. Until it has moved the
 * last-applied ref, what it removes looks like drift from here, and a repair would bring it back.
 * @param now epoch milliseconds
 * @throws OperatorError `newer-attempt`
 */
export async function refuseNewerAttempt(
  { git, attempts }: GitState,
  covered: readonly CoveredScope[],
  now: number,
): Promise<void> {
  if (git === undefined) return;
  for (const { scope } of covered) {
    for (const { commit, expires } of attempts.get(scopeKey(scope)) ?? []) {
      if (expires <= now || (await isAncestor(git.limited.git, commit, git.head.id))) continue;
      const until = new Date(expires).toISOString().slice(0, 16).replace('T', ' ');
      throw new OperatorError(
        'newer-attempt',
        `a newer commit (${shortId(commit)}) is being applied to ${scopeKey(scope)}, so what it changes cannot be told from drift`,
        { hint: `check out the newest commit; if that apply was killed, wait until ${until} UTC` },
      );
    }
  }
}
