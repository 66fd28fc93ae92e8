import { isInterruption } from '../history/git/interruption.js';
import { callRemote, remoteFailure, upstreamRemote } from '../history/refs/remote.js';
import { openRepository, type Repository } from '../history/git/repository.js';

/** Milliseconds; a long history takes its time. */
const FETCH_TIMEOUT = 600_000;

/** What the job checked out. */
export interface Checkout {
  readonly repository: Repository | undefined;
  /** Why history is still cut off, in one line; undefined where it is whole. */
  readonly warning: string | undefined;
}

/** Opens the checkout, and fetches the history that `actions/checkout` leaves out unless it is told otherwise. */
export async function openCheckout(folder: string, signal?: AbortSignal): Promise<Checkout> {
  const repository = await openRepository(folder, signal);
  if (repository?.shallow !== true) return { repository, warning: undefined };
  const warning = await deepen(repository);
  const whole = warning === undefined ? await openRepository(folder, signal) : repository;
  return { repository: whole, warning };
}

async function deepen(repository: Repository): Promise<string | undefined> {
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
      // What was checked out need not be a branch's: a pull request's merge commit is on none.
      head === undefined ? [] : [head],
      FETCH_TIMEOUT,
    );
    return undefined;
  } catch (error) {
    if (isInterruption(error) || !(error instanceof Error)) throw error;
    return `this clone is shallow, and the rest could not be fetched${remoteFailure(remote, error)}`;
  }
}
