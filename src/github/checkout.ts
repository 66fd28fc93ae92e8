import { isInterruption } from '../history/git/interruption.js';
import { callRemote, remoteFailure, upstreamRemote } from '../history/refs/remote.js';
import { openRepository, type Repository } from '../history/git/repository.js';

/** Milliseconds; a long history takes minutes. */
const FETCH_TIMEOUT = 600_000;

/** The repository that the job checked out. */
export interface Checkout {
  readonly repository: Repository | undefined;
  /** Why history is still incomplete, in one line; undefined if it is complete. */
  readonly warning: string | undefined;
}

/** Opens the checkout and fetches the rest of history, which `actions/checkout` leaves out by default. */
export async function openCheckout(folder: string, signal?: AbortSignal): Promise<Checkout> {
  const repository = await openRepository(folder, signal);
  if (repository?.shallow !== true) return { repository, warning: undefined };
  const warning = await fetchHistory(repository);
  const complete = warning === undefined ? await openRepository(folder, signal) : repository;
  return { repository: complete, warning };
}

/** Fetches the rest of history. Returns a warning if that is not possible. */
async function fetchHistory(repository: Repository): Promise<string | undefined> {
  const upstream = await upstreamRemote(repository);
  if (upstream === undefined) return 'this clone is shallow, and there is no remote to fetch the rest from';
  if (upstream.type === 'ambiguous') return `this clone is shallow, and ${upstream.reason}`;
  const remote = upstream.name;
  const head = repository.head?.id;
  try {
    await callRemote(
      repository,
      remote,
      [
        'fetch',
        '--quiet',
        '--unshallow',
        '--no-tags',
        '--no-recurse-submodules',
        '--no-write-fetch-head',
        '--no-auto-maintenance',
      ],
      // Named, since HEAD may be on no branch: a pull request's merge commit is not.
      head === undefined ? [] : [head],
      FETCH_TIMEOUT,
    );
    return undefined;
  } catch (error) {
    if (isInterruption(error) || !(error instanceof Error)) throw error;
    return `this clone is shallow, and the rest could not be fetched${remoteFailure(remote, error)}`;
  }
}
