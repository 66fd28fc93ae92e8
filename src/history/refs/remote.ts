import { OperatorError } from '../../diagnostics/operator-error.js';
import { GitFailure, gitMessage, withoutCredentials } from '../git/git.js';
import type { Repository } from '../git/repository.js';
import { lastValue, remoteProgram, unusedPrograms } from '../git/repository-programs.js';

/** How long a remote may take for refs before it is given up, in milliseconds. */
export const REMOTE_TIMEOUT = 60_000;

/** The remote that refs are fetched from and pushed to, or why there is no saying which. */
export type Upstream =
  | { readonly type: 'remote'; readonly name: string }
  | { readonly type: 'ambiguous'; readonly reason: string };

/** The remote of the checked-out branch, else `origin`, else the only one there is; undefined without any. */
export async function upstreamRemote(repo: Repository): Promise<Upstream | undefined> {
  const ofBranch = await branchRemote(repo);
  // A branch can follow another one of the same repository.
  if (ofBranch !== undefined && ofBranch !== '.') return { type: 'remote', name: ofBranch };
  const remotes = new Set(repo.config.flatMap(({ name }) => /^remote\.(.*)\.url$/s.exec(name)?.[1] ?? []));
  const [first, second] = remotes;
  if (first === undefined) return undefined;
  if (remotes.has('origin')) return { type: 'remote', name: 'origin' };
  if (second === undefined) return { type: 'remote', name: first };
  const names = [...remotes].map(withoutCredentials).join(', ');
  return {
    type: 'ambiguous',
    reason: `there are several remotes (${names}), none is called origin, and the branch follows none of them`,
  };
}

/**
 * Runs git against a remote: nobody is asked for anything, and it ends in time.
 *
 * @param command with its options
 * @param refs what comes after the remote
 * @param patience milliseconds after which the remote is given up
 */
export async function callRemote(
  repo: Repository,
  remote: string,
  [command, ...options]: readonly ['fetch' | 'ls-remote' | 'push', ...string[]],
  refs: readonly string[],
  patience: number,
): Promise<Buffer> {
  const kind = command === 'push' ? 'receive-pack' : 'upload-pack';
  const program = remoteProgram(repo.config, remote, kind);
  const withProgram = program === undefined ? [] : [`--${kind}=${program}`];
  return repo.git.run([command, ...options, ...withProgram, '--end-of-options', remote, ...refs], {
    signal: AbortSignal.timeout(Math.ceil(patience)),
  });
}

/** Why a remote could not be reached, as the end of a line; without what URLs may carry. */
export function remoteFailure(remote: string | undefined, error: unknown): string {
  const isTold = error instanceof GitFailure || error instanceof OperatorError;
  const reason = isTold ? reasonOf(error) : 'it does not answer in time';
  return `${remote === undefined ? '' : ` (remote ${withoutCredentials(remote)})`}: ${reason}`;
}

/** What may help: programs that git was kept from running come first. */
export function remoteRemedy(repo: Repository, remote: string): string {
  const unused = unusedPrograms(repo.config);
  if (unused.length === 0) return `see that git fetch ${withoutCredentials(remote)} works here`;
  return `of the repository's own configuration ${unused.join(', ')} is not used: set it with git config --global`;
}

/** ssh says what is wrong before git says that it cannot read. */
function reasonOf(error: GitFailure | OperatorError): string {
  const [before = '', after] = error.message.split(/^fatal: Could not read from remote repository\.$/m);
  const last = before.trim().split('\n').at(-1)?.trim() ?? '';
  return gitMessage(after === undefined || last === '' ? error : new Error(last));
}

/** The remote that the checked-out branch follows; undefined if it follows none, or HEAD is detached. */
async function branchRemote(repo: Repository): Promise<string | undefined> {
  if (!repo.config.some(({ name }) => /^branch\..*\.remote$/s.test(name))) return undefined;
  try {
    const branch = (await repo.git.run(['symbolic-ref', '--quiet', '--short', 'HEAD'])).toString('utf8');
    return lastValue(repo.config, `branch.${branch.trimEnd()}.remote`);
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  }
}
