import { OperatorError } from '../../diagnostics/operator-error.js';
import { GitFailure, gitMessage, mustRun, withoutCredentials } from '../git/git.js';
import type { Repository } from '../git/repository.js';

/** How long a remote may take before it is given up, in milliseconds. */
const PATIENCE = 60_000;

/** The remote of the checked-out branch, else `origin`, else the only one there is. */
export async function upstreamRemote(repo: Repository): Promise<string | undefined> {
  const [branch, settings] = await Promise.all([currentBranch(repo), readSettings(repo)]);
  const ofBranch = branch === undefined ? undefined : settings.get(`branch.${branch}.remote`);
  // A branch can follow another one of the same repository.
  if (ofBranch !== undefined && ofBranch !== '.') return ofBranch;
  const remotes = [...settings.keys()].flatMap((name) => /^remote\.(.*)\.url$/s.exec(name)?.[1] ?? []);
  if (remotes.includes('origin')) return 'origin';
  return remotes.length === 1 ? remotes[0] : undefined;
}

/**
 * Runs git against a remote: nobody is asked for anything, and it ends in time.
 * @param patience milliseconds, if they are fewer than usual
 */
export async function callRemote(
  repo: Repository,
  args: readonly string[],
  patience = PATIENCE,
): Promise<Buffer> {
  const environment = await quietSsh(repo);
  const signal = AbortSignal.timeout(Math.ceil(Math.min(patience, PATIENCE)));
  return repo.git.run(args, { signal, environment });
}

/** Why a remote could not be reached, as the end of a line; without what URLs may carry. */
export function remoteFailure(remote: string | undefined, error: unknown): string {
  const isTold = error instanceof GitFailure || error instanceof OperatorError;
  const reason = isTold ? gitMessage(error) : 'it does not answer in time';
  return `${remote === undefined ? '' : ` (remote ${withoutCredentials(remote)})`}: ${reason}`;
}

/** ssh asks for passphrases and about unknown hosts on the terminal, unless told not to. What a user set up stays. */
async function quietSsh(repo: Repository): Promise<Record<string, string>> {
  const { GIT_SSH_COMMAND, GIT_SSH } = process.env;
  const own = GIT_SSH_COMMAND ?? GIT_SSH ?? (await readSettings(repo)).get('core.sshcommand');
  return own === undefined ? { GIT_SSH_COMMAND: 'ssh -o BatchMode=yes' } : {};
}

/** Git's settings by name; of several values the last one, as git has it. */
async function readSettings(repo: Repository): Promise<Map<string, string>> {
  const output = (await mustRun(repo.git, ['config', '--null', '--list'])).toString('utf8');
  return new Map(
    output.split('\0').map((entry) => {
      const end = entry.indexOf('\n');
      return end < 0 ? [entry, ''] : [entry.slice(0, end), entry.slice(end + 1)];
    }),
  );
}

/** Undefined where HEAD is detached. */
async function currentBranch(repo: Repository): Promise<string | undefined> {
  try {
    return (await repo.git.run(['symbolic-ref', '--quiet', '--short', 'HEAD'])).toString('utf8').trimEnd();
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  }
}
