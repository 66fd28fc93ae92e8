import { OperatorError } from '../../diagnostics/operator-error.js';
import type { Repository } from '../git/repository.js';
import { isInterruption } from '../git/interruption.js';
import { type Attempt, isContended } from './read-refs.js';
import { ATTEMPTS, isLocalAttempt, REFS } from './ref-name.js';
import { callRemote, readRemoteRefs, remoteFailure, remoteRemedy, upstreamRemote } from './remote.js';

const FETCH = [
  'fetch',
  '--quiet',
  '--no-tags',
  // Refs for a LaunchDarkly on this machine exist only in this clone. They must stay even if fetch.prune is set.
  '--no-prune',
  '--no-recurse-submodules',
  '--no-write-fetch-head',
  '--no-auto-maintenance',
] as const;

/** How often a fetch is tried while other processes move the same refs. Each try finds fewer refs left to move. */
const MAX_TRIES = 10;

/**
 * Fetches the last-applied refs and the attempts from the remote that `upstreamRemote` chooses. They replace those of
 * this clone; none is deleted. Without a remote there is nothing to do.
 *
 * @param timeout in milliseconds, if shorter than the default
 * @returns why it failed, without credentials; undefined on success
 */
export async function fetchRefs(
  repo: Repository,
  timeout = Number.POSITIVE_INFINITY,
): Promise<OperatorError | undefined> {
  const upstream = await upstreamRemote(repo);
  if (upstream === undefined) return undefined;
  if (upstream.type === 'ambiguous') {
    return unfetched(`: ${upstream.reason}`, 'run git branch --set-upstream-to');
  }
  const remote = upstream.name;
  const until = performance.now() + timeout;
  for (let tries = 1; ; tries += 1) {
    try {
      const left = Math.max(0, until - performance.now());
      await callRemote(repo, remote, FETCH, [`+${REFS}/*:${REFS}/*`], left);
      return undefined;
    } catch (error) {
      if (isInterruption(error)) throw error;
      if (tries < MAX_TRIES && isContended(error)) continue;
      return unfetched(remoteFailure(remote, error), remoteRemedy(repo, remote), error);
    }
  }
}

/**
 * Finds attempts that were fetched once and that the remote has no more, because another clone forgot them. Asks the
 * remote only if there are attempts that it could have. A fetch that prunes cannot be used: it would also delete refs
 * that were never pushed.
 *
 * @returns the ids of their tags by ref, or why the remote could not be asked
 */
export async function findForgotten(
  repo: Repository,
  attempts: readonly Attempt[],
  timeout?: number,
): Promise<ReadonlyMap<string, string> | OperatorError> {
  const pushed = attempts.filter(({ ref }) => !isLocalAttempt(ref));
  const upstream = pushed.length === 0 ? undefined : await upstreamRemote(repo);
  if (upstream?.type !== 'remote') return new Map();
  try {
    const found = await readRemoteRefs(repo, upstream.name, [`${ATTEMPTS}/*`], timeout);
    return new Map(pushed.filter(({ ref }) => !found.has(ref)).map(({ ref, tag }) => [ref, tag]));
  } catch (error) {
    if (isInterruption(error)) throw error;
    return unfetched(remoteFailure(upstream.name, error), remoteRemedy(repo, upstream.name), error);
  }
}

function unfetched(reason: string, remedy: string, cause?: unknown): OperatorError {
  return new OperatorError('last-applied-unfetched', `the last-applied refs could not be fetched${reason}`, {
    hint: `${remedy}; --local-refs uses the refs that this clone has`,
    cause,
  });
}
