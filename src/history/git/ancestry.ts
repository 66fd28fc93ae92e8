import { mustRun, type Git } from './git.js';
import { coveringPaths } from './tree.js';

/** Commits with the ids of their parents. */
export type CommitGraph = ReadonlyMap<string, readonly string[]>;

/** Whether `ancestor` is `descendant` or an ancestor of it. */
export async function isAncestor(git: Git, ancestor: string, descendant: string): Promise<boolean> {
  if (ancestor === descendant) return true;
  const args = ['rev-list', '--count', '--max-count=1', ancestor, `^${descendant}`];
  return (await mustRun(git, args)).toString('latin1').trim() === '0';
}

/** Ancestors of `tips`, excluding ancestors of `without`. Every commit counts as an ancestor of itself. */
export async function readCommitGraph(
  git: Git,
  tips: readonly string[],
  without: readonly string[],
): Promise<CommitGraph> {
  const input = [...tips, ...without.map((commit) => `^${commit}`)].map((line) => `${line}\n`).join('');
  const graph = new Map<string, readonly string[]>();
  for (const line of lines(await mustRun(git, ['rev-list', '--parents', '--stdin'], { input }))) {
    const [commit = '', ...parents] = line.split(' ');
    graph.set(commit, parents);
  }
  return graph;
}

/**
 * First-parent history of `start`, newest first, excluding ancestors of `without`.
 *
 * A separate call, because `git log` given both exclusions and paths drops a merge whose first parent is excluded.
 */
export async function listFirstParents(
  git: Git,
  start: string,
  without: readonly string[] = [],
): Promise<string[]> {
  if (without.includes(start)) return [];
  const excluded = without.map((commit) => `^${commit}`);
  return lines(await mustRun(git, ['rev-list', '--first-parent', start, ...excluded]));
}

/**
 * Counts the commits in the first-parent history of `to` that touched the given paths, excluding ancestors of `from`.
 *
 * @param paths relative to the root, with `/`
 */
export async function countFirstParentCommits(
  git: Git,
  from: string,
  to: string,
  paths: readonly string[],
): Promise<number> {
  if (from === to) return 0;
  const commits = new Set(await listFirstParents(git, to, [from]));
  const covering = coveringPaths(paths);
  if (commits.size === 0 || covering.length === 0) return 0;
  // The newest commits are the ones that can count, so no more than `commits.size` have to be listed.
  const newest = ['rev-list', '--first-parent', `--max-count=${commits.size}`, to, '--', ...covering];
  return lines(await mustRun(git, newest)).filter((commit) => commits.has(commit)).length;
}

function lines(output: Buffer): string[] {
  return output
    .toString('latin1')
    .split('\n')
    .filter((line) => line !== '');
}
