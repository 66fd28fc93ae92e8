import { type Git, GitFailure } from './git.js';

/** The usual names of a default branch, the most likely first. */
const USUAL = ['main', 'master'];

/**
 * The branch that pull requests are merged into: the remote's default branch if the clone knows it; or else `main` or
 * `master` if there is one; or else the branch that is checked out.
 * @returns undefined if no branch is checked out
 */
export async function guessDefaultBranch(git: Git): Promise<string | undefined> {
  const remote = await symbolicRef(git, 'refs/remotes/origin/HEAD');
  if (remote?.startsWith('refs/remotes/origin/') === true) return remote.slice('refs/remotes/origin/'.length);
  const current = branchOf(await symbolicRef(git, 'HEAD'));
  if (current !== undefined && USUAL.includes(current)) return current;
  for (const name of USUAL) if (await exists(git, `refs/heads/${name}`)) return name;
  return current;
}

function branchOf(ref: string | undefined): string | undefined {
  return ref?.startsWith('refs/heads/') === true ? ref.slice('refs/heads/'.length) : undefined;
}

function symbolicRef(git: Git, ref: string): Promise<string | undefined> {
  return output(git, ['symbolic-ref', ref]);
}

async function exists(git: Git, ref: string): Promise<boolean> {
  return (await output(git, ['rev-parse', '--verify', ref])) !== undefined;
}

/** The first line that git prints; undefined if it fails. */
async function output(git: Git, args: readonly string[]): Promise<string | undefined> {
  try {
    return (await git.run(args)).toString('utf8').trimEnd();
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  }
}
