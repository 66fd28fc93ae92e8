import { GitFailure, gitMessage, splitNul, withoutCredentials } from './git.js';
import type { Repository } from './repository.js';

/** How long a remote may take before it is given up, in milliseconds. */
const PATIENCE = 60_000;

/** The remote of the checked-out branch, else `origin`, else the only one there is. */
export async function upstreamRemote(repo: Repository): Promise<string | undefined> {
  const branch = await ask(repo, ['symbolic-ref', '--quiet', '--short', 'HEAD']);
  const ofBranch = branch === undefined ? undefined : await setting(repo, `branch.${branch}.remote`);
  // A branch can follow another one of the same repository.
  if (ofBranch !== undefined && ofBranch !== '.') return ofBranch;
  const remotes = (await ask(repo, ['remote']))?.split('\n') ?? [];
  if (remotes.includes('origin')) return 'origin';
  return remotes.length === 1 ? remotes[0] : undefined;
}

/** Runs git against a remote: nobody is asked for anything, and it ends in time. */
export async function callRemote(
  repo: Repository,
  args: readonly string[],
  patience = PATIENCE,
): Promise<Buffer> {
  const environment = await quietSsh(repo);
  return repo.git.run(args, { signal: AbortSignal.timeout(patience), environment });
}

/** Why a remote could not be reached, as the end of a line; without what URLs may carry. */
export function remoteFailure(remote: string, error: unknown): string {
  const reason = error instanceof GitFailure ? gitMessage(error) : 'it does not answer in time';
  return ` (remote ${withoutCredentials(remote)}): ${reason}`;
}

/** ssh asks for passphrases and about unknown hosts on the terminal, unless told not to. What a user set up stays. */
async function quietSsh(repo: Repository): Promise<Record<string, string>> {
  const own =
    process.env['GIT_SSH_COMMAND'] ?? process.env['GIT_SSH'] ?? (await setting(repo, 'core.sshCommand'));
  return own === undefined ? { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' } : {};
}

async function setting(repo: Repository, name: string): Promise<string | undefined> {
  const value = await ask(repo, ['config', '--null', '--get', name]);
  return value === undefined ? undefined : splitNul(Buffer.from(value))[0];
}

/** What git answers, or undefined where the answer is that there is none. */
async function ask(repo: Repository, args: readonly string[]): Promise<string | undefined> {
  try {
    const answer = (await repo.git.run(args)).toString('utf8').trim();
    return answer === '' ? undefined : answer;
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  }
}
