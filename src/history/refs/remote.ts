import { OperatorError } from '../../diagnostics/operator-error.js';
import { lastValue } from '../git/git-config.js';
import { GitFailure, gitMessage, withoutCredentials } from '../git/git.js';
import type { Repository } from '../git/repository.js';
import { ignoredPrograms, remoteProgram } from '../git/repository-programs.js';

/** How long to wait for a remote at most, in milliseconds. */
const REMOTE_TIMEOUT = 60_000;

/** The remote that refs are fetched from and pushed to, or why it is not clear which one that is. */
export type Upstream =
  | { readonly type: 'remote'; readonly name: string }
  | { readonly type: 'ambiguous'; readonly reason: string };

/** The remote of the checked-out branch, or else `origin`, or else the only one; undefined if there is none. */
export async function upstreamRemote(repo: Repository): Promise<Upstream | undefined> {
  const ofBranch = await branchRemote(repo);
  // `.` means that the branch follows another branch of this repository.
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
 * Runs git against a remote, without prompts and with a timeout.
 *
 * @param command git's command and its options
 * @param refs the arguments after the remote
 * @param timeout in milliseconds, if shorter than the default
 */
export async function callRemote(
  repo: Repository,
  remote: string,
  [command, ...options]: readonly ['fetch' | 'ls-remote' | 'push', ...string[]],
  refs: readonly string[],
  timeout = Number.POSITIVE_INFINITY,
): Promise<Buffer> {
  const kind = command === 'push' ? 'receive-pack' : 'upload-pack';
  const program = remoteProgram(repo.config, remote, kind);
  const withProgram = program === undefined ? [] : [`--${kind}=${program}`];
  return repo.git.run([command, ...options, ...withProgram, '--end-of-options', remote, ...refs], {
    signal: AbortSignal.timeout(Math.ceil(Math.min(REMOTE_TIMEOUT, timeout))),
  });
}

/**
 * Reads where refs point on a remote; those that do not exist there are missing.
 * @param patterns names of refs, or globs in which `*` also matches slashes
 */
export async function readRemoteRefs(
  repo: Repository,
  remote: string,
  patterns: readonly string[],
  timeout?: number,
): Promise<Map<string, string>> {
  const output = await callRemote(repo, remote, ['ls-remote', '--quiet', '--refs'], patterns, timeout);
  const found = new Map<string, string>();
  for (const line of output.toString('utf8').split('\n')) {
    const [id, ref] = line.split('\t');
    if (id !== undefined && ref !== undefined) found.set(ref, id);
  }
  return found;
}

/** Why a remote could not be reached, to be appended to a message; without credentials in URLs. */
export function remoteFailure(remote: string | undefined, error: unknown): string {
  const hasReason = error instanceof GitFailure || error instanceof OperatorError;
  const reason = hasReason ? reasonOf(error) : 'it did not answer in time';
  return `${remote === undefined ? '' : ` (remote ${withoutCredentials(remote)})`}: ${reason}`;
}

/**
 * How to fix it. If settings of the repository were ignored, those are the likely cause.
 * @param otherwise the remedy if none was ignored
 */
export function remoteRemedy(
  repo: Repository,
  remote: string,
  otherwise = `check that git fetch ${withoutCredentials(remote)} works here`,
): string {
  const ignored = ignoredPrograms(repo.config);
  if (ignored.length === 0) return otherwise;
  return `flagops ignores ${ignored.join(', ')} in the repository's own configuration; set it with git config --global`;
}

/** ssh reports the cause before git reports that it could not read. */
function reasonOf(error: GitFailure | OperatorError): string {
  const refused = / ! \[(?:remote )?rejected\] .* \((.*)\)$/m.exec(error.message)?.[1];
  if (refused !== undefined && !/^remote: /m.test(error.message)) return withoutCredentials(refused);
  const [before = '', after] = error.message.split(/^fatal: Could not read from remote repository\.$/m);
  const last = before.trim().split('\n').at(-1)?.trim() ?? '';
  return gitMessage(after === undefined || last === '' ? error : new Error(last));
}

/** The remote that the checked-out branch follows; undefined if it follows none or HEAD is detached. */
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
