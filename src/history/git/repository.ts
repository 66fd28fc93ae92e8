import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Commit } from '../../reconcile/state.js';
import { asCommit, readCommits } from './commits.js';
import { gitIn, GitFailure, gitMessage, mustRun, type Git } from './git.js';
import { isInterruption } from './interruption.js';

/** A repository with a working tree. */
export interface Repository {
  /** The folder of the working tree, absolute, symbolic links resolved. */
  readonly root: string;
  /** What is checked out; undefined before the first commit. */
  readonly head: Commit | undefined;
  /** Whether history was cut off when the repository was cloned. */
  readonly shallow: boolean;
  /** The commits whose parents were cut off. */
  readonly boundary: ReadonlySet<string>;
  readonly git: Git;
}

/**
 * The repository that a folder is in.
 *
 * @param signal aborted when the run is interrupted: it stops every git that works on the repository
 * @returns undefined outside git, in a repository without a working tree, and where git is not installed
 * @throws OperatorError where git is there but refuses, for example for a folder of somebody else's
 */
export async function openRepository(dir: string, signal?: AbortSignal): Promise<Repository | undefined> {
  if (!existsSync(dir)) return undefined;
  const found = await findRoot(gitIn(dir, signal));
  if (found === undefined) return undefined;
  const { root, shallow } = found;
  const git = gitIn(root, signal);
  const [head, boundary] = await Promise.all([
    readHead(git),
    shallow ? readBoundary(git, root) : new Set<string>(),
  ]);
  return { root, head, shallow: boundary.size > 0, boundary, git };
}

async function findRoot(git: Git): Promise<{ root: string; shallow: boolean } | undefined> {
  try {
    const output = (await git.run(['rev-parse', '--is-shallow-repository', '--show-toplevel'])).toString(
      'utf8',
    );
    const end = output.indexOf('\n');
    // A folder's name may end in anything, a line break included, but for the one that git adds.
    const root = output.slice(end + 1).replace(/\r?\n$/, '');
    return root === '' ? undefined : { root: resolve(root), shallow: output.slice(0, end) === 'true' };
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    const missing = error.exitCode < 0;
    const outside = /not a git repository|must be run in a work tree/.test(error.message);
    if (missing || outside) return undefined;
    throw new OperatorError('git-refused', `git refuses to read this repository: ${gitMessage(error)}`, {
      hint: /dubious ownership/.test(error.message)
        ? 'run git config --global --add safe.directory with this folder'
        : 'run git status here to see what is wrong',
      cause: error,
    });
  }
}

async function readHead(git: Git): Promise<Commit | undefined> {
  let id: string;
  try {
    id = (await git.run(['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'])).toString('latin1').trim();
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return undefined;
    if (isInterruption(error)) throw error;
    throw new OperatorError('git-failed', `git cannot read HEAD: ${gitMessage(error)}`, { cause: error });
  }
  const commit = (await readCommits(git, [id])).get(id);
  return commit === undefined ? undefined : asCommit(commit);
}

async function readBoundary(git: Git, root: string): Promise<ReadonlySet<string>> {
  const path = (await mustRun(git, ['rev-parse', '--git-path', 'shallow'])).toString('utf8').trim();
  let text: string;
  try {
    text = await readFile(resolve(root, path), 'latin1');
  } catch {
    return new Set();
  }
  return withParents(
    git,
    text.split('\n').filter((line) => line !== ''),
  );
}

/** A clone that is just deep enough lists the very first commit too, although nothing was cut off before it. */
async function withParents(git: Git, ids: readonly string[]): Promise<ReadonlySet<string>> {
  const input = ids.map((id) => `${id}\n`).join('');
  const output = await mustRun(git, ['cat-file', '--batch'], { input });
  const found = new Set<string>();
  for (let start = 0; start < output.length;) {
    const end = output.indexOf('\n', start);
    const [id = '', , size = '0'] = output.toString('latin1', start, end).split(' ');
    const content = output.toString('latin1', end + 1, end + 1 + Number(size));
    if (/^tree .*\nparent /.test(content)) found.add(id);
    start = end + 1 + Number(size) + 1;
  }
  return found;
}

/** Whether a commit is another one or among those that lead to it. */
export async function isAncestor(repo: Repository, ancestor: string, descendant: string): Promise<boolean> {
  const args = ['rev-list', '--count', '--max-count=1', ancestor, `^${descendant}`];
  return (await mustRun(repo.git, args)).toString('latin1').trim() === '0';
}
