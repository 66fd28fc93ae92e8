import { mustRun } from './git.js';
import type { Repository } from './repository.js';
import { coveringPaths } from './tree.js';

/**
 * How many commits after one commit, along first parents, touched certain paths.
 * @param from a commit's id; its ancestors do not count, wherever they lie
 * @param paths relative to the root, with `/`
 */
export async function countSteps(
  repo: Repository,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<number> {
  const range = ['rev-list', '--count', '--first-parent', to, `^${from}`, '--', ...coveringPaths(paths)];
  return Number((await mustRun(repo.git, range)).toString('latin1'));
}
