import { callRemote, REMOTE_TIMEOUT, remoteFailure, upstreamRemote } from './remote.js';
import type { Repository } from '../git/repository.js';

/**
 * Pushes refs so that all of them point to `commit`. If another process moved one of them on the remote, nothing is
 * pushed. Without a remote there is nothing to do.
 *
 * @param before where each ref pointed in this clone before it was moved; undefined if it did not exist
 * @param timeout in milliseconds, if shorter than the default
 * @returns if it failed, a warning of one line without credentials
 */
export async function pushRefs(
  repo: Repository,
  commit: string,
  before: ReadonlyMap<string, string | undefined>,
  timeout = Number.POSITIVE_INFINITY,
): Promise<{ pushed: boolean; warning?: string }> {
  const refs = [...before.keys()];
  let remote: string | undefined;
  const until = performance.now() + timeout;
  const left = (): number => Math.min(REMOTE_TIMEOUT, Math.max(0, until - performance.now()));
  try {
    const upstream = await upstreamRemote(repo);
    if (upstream === undefined) return { pushed: false };
    if (upstream.type === 'ambiguous')
      return { pushed: false, warning: `the last-applied refs were not pushed: ${upstream.reason}` };
    remote = upstream.name;
    // The remote may lack refs that this clone has, if an earlier run could not push. So it has to be asked.
    const onRemote = await refsAt(repo, remote, refs, left());
    const moved = refs.filter((ref) => ![undefined, commit, before.get(ref)].includes(onRemote.get(ref)));
    if (moved.length > 0) {
      const warning = `the last-applied refs were not pushed: another run moved ${moved.join(', ')} in the meantime`;
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
        ...refs.map((ref) => `--force-with-lease=${ref}:${onRemote.get(ref) ?? ''}`),
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
  timeout: number,
): Promise<Map<string, string>> {
  const output = await callRemote(repo, remote, ['ls-remote', '--quiet', '--refs'], refs, timeout);
  const found = new Map<string, string>();
  for (const line of output.toString('utf8').split('\n')) {
    const [id, ref] = line.split('\t');
    if (id !== undefined && ref !== undefined && refs.includes(ref)) found.set(ref, id);
  }
  return found;
}
