import { mustRun } from '../git/git.js';
import type { Repository } from '../git/repository.js';
import type { RefUpdate } from './push.js';

/** What to do if refs of this clone cannot be changed. */
export const WRITABLE =
  'make sure that .git can be written to, has space left, and has no .lock file of a git that has ended';

/**
 * Changes refs of this clone, all or none of them: none if one is not as expected.
 * @throws OperatorError `git-failed`
 */
export async function updateRefs(repo: Repository, updates: readonly RefUpdate[]): Promise<void> {
  if (updates.length === 0) return;
  const none = '0'.repeat(repo.objectFormat === 'sha256' ? 64 : 40);
  const input = updates
    .map(({ ref, id, expected }) =>
      id === undefined ? `delete ${ref}\0${expected ?? ''}\0` : `update ${ref}\0${id}\0${expected ?? none}\0`,
    )
    .join('');
  await mustRun(repo.git, ['update-ref', '--no-deref', '-z', '--stdin'], { input });
}
