import { callRemote, REMOTE_TIMEOUT, remoteFailure, upstreamRemote } from './remote.js';
import type { Repository } from '../git/repository.js';

/**
 * Pushes refs that all lead to one commit. A ref that stands elsewhere at the remote than it stood here was moved by
 * somebody else, and then nothing is pushed.
 *
 * @param before where each ref stood here, undefined where it did not exist
 * @param patience milliseconds after which the remote is given up, if that is sooner than usual
 * @returns a warning, as one line without credentials, where it failed; without a remote there is nothing to do
 */
export async function pushRefs(
  repo: Repository,
  commit: string,
  before: ReadonlyMap<string, string | undefined>,
  patience = Number.POSITIVE_INFINITY,
): Promise<{ pushed: boolean; warning?: string }> {
  const refs = [...before.keys()];
  let remote: string | undefined;
  const until = performance.now() + patience;
  const left = (): number => Math.min(REMOTE_TIMEOUT, Math.max(0, until - performance.now()));
  try {
    const upstream = await upstreamRemote(repo);
    if (upstream === undefined) return { pushed: false };
    if (upstream.type === 'ambiguous')
      return { pushed: false, warning: `the last-applied refs were not pushed: ${upstream.reason}` };
    remote = upstream.name;
    // The remote may lack a ref that is here, from a run that could not push; so where they stand is asked, not assumed.
    const there = await refsAt(repo, remote, refs, left());
    const moved = refs.filter((ref) => ![undefined, commit, before.get(ref)].includes(there.get(ref)));
    if (moved.length > 0) {
      const warning = `the last-applied refs were not pushed: somebody else moved ${moved.join(', ')} meanwhile`;
      return { pushed: false, warning };
    }
    await callRemote(
      repo,
      remote,
      [
        'push',
        '--quiet',
        '--no-verify',
        '--no-signed',
        '--no-follow-tags',
        '--recurse-submodules=no',
        ...refs.map((ref) => `--force-with-lease=${ref}:${there.get(ref) ?? ''}`),
      ],
      refs.map((ref) => `${commit}:${ref}`),
      left(),
    );
    return { pushed: true };
  } catch (error) {
    return {
      pushed: false,
      warning: `the last-applied refs could not be pushed${remoteFailure(remote, error)}`,
    };
  }
}

async function refsAt(
  repo: Repository,
  remote: string,
  refs: readonly string[],
  patience: number,
): Promise<Map<string, string>> {
  const answer = await callRemote(repo, remote, ['ls-remote', '--quiet', '--refs'], refs, patience);
  const found = new Map<string, string>();
  for (const line of answer.toString('utf8').split('\n')) {
    const [id, ref] = line.split('\t');
    if (id !== undefined && ref !== undefined && refs.includes(ref)) found.set(ref, id);
  }
  return found;
}
