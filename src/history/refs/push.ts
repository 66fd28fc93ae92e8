import type { Repository } from '../git/repository.js';
import { callRemote, remoteFailure, remoteRemedy, upstreamRemote } from './remote.js';

/** A ref to change, if it still points where it is expected to. */
export interface RefUpdate {
  readonly ref: string;
  /** Id of the object to point to; undefined to delete the ref. */
  readonly id: string | undefined;
  /** Where the ref points before; undefined if it does not exist. */
  readonly expected: string | undefined;
}

/** The result of pushing. */
export type PushResult =
  | { readonly type: 'pushed' }
  /** There is no remote. */
  | { readonly type: 'no remote' }
  | {
      readonly type: 'failed';
      /** Undefined if it is not clear which remote to push to. */
      readonly remote: string | undefined;
      /** To be appended to a message; one line, without credentials. */
      readonly reason: string;
      /** What to do about it. */
      readonly remedy: string;
    };

const PUSH = [
  'push',
  '--quiet',
  '--no-verify',
  '--no-signed',
  '--no-follow-tags',
  '--recurse-submodules=no',
] as const;

/**
 * Pushes refs to the remote that refs are fetched from. A ref that is not as expected there is not changed, but others
 * are.
 *
 * @param timeout in milliseconds, if shorter than the default
 */
export async function pushRefs(
  repo: Repository,
  updates: readonly RefUpdate[],
  timeout?: number,
): Promise<PushResult> {
  let remote: string | undefined;
  try {
    const upstream = await upstreamRemote(repo);
    if (upstream === undefined) return { type: 'no remote' };
    if (upstream.type === 'ambiguous') {
      const remedy = 'run git branch --set-upstream-to';
      return { type: 'failed', remote, reason: `: ${upstream.reason}`, remedy };
    }
    remote = upstream.name;
    const leases = updates.map(({ ref, expected }) => `--force-with-lease=${ref}:${expected ?? ''}`);
    const specs = updates.map(({ ref, id }) => `${id ?? ''}:${ref}`);
    await callRemote(repo, remote, [...PUSH, ...leases], specs, timeout);
    return { type: 'pushed' };
  } catch (error) {
    const remedy = 'check that this clone may push refs/flagops/* (in GitHub Actions: contents: write)';
    return {
      type: 'failed',
      remote,
      reason: remoteFailure(remote, error),
      remedy: remote === undefined ? remedy : remoteRemedy(repo, remote, remedy),
    };
  }
}
