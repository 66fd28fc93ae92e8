import { listFirstParents } from '../walk/commit-log.js';
import { mustRun } from './git.js';
import type { Repository } from './repository.js';
import { coveringPaths } from './tree.js';

/**
 * How many commits after one commit, along first parents, touched certain paths.
 * @param from a commit's id; its ancestors do not count, wherever they lie
 * @param paths relative to the root, with `/`
 */
export async function countFirstParentCommits(
  repo: Repository,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<number> {
  const line = new Set(await listFirstParents(repo.git, to, [from]));
  const covering = coveringPaths(paths);
  if (line.size === 0 || covering.length === 0) return 0;
  // What touched the paths is listed from `to` on, so that what counts comes first.
  const newest = ['rev-list', '--first-parent', `--max-count=${line.size}`, to, '--', ...covering];
  const touching = (await mustRun(repo.git, newest)).toString('latin1').split('\n');
  return touching.filter((commit) => line.has(commit)).length;
}
