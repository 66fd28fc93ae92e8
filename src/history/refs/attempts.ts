import { OperatorError } from '../../diagnostics/operator-error.js';
import type { ScopeId } from '../../reconcile/state.js';
import { gitMessage, mustRun } from '../git/git.js';
import { interruption } from '../git/interruption.js';
import type { Repository } from '../git/repository.js';
import { isLoopback } from '../../security/loopback.js';
import { type AttemptContent, encodeAttempt } from './attempt.js';
import { updateRefs, WRITABLE } from './local-refs.js';
import { pushRefs, type PushResult } from './push.js';
import type { Attempt } from './read-refs.js';
import { attemptRef, isLocalAttempt } from './ref-name.js';

/** Where an apply records its attempts and its last-applied commits. */
export interface RefPlace {
  readonly repo: Repository;
  /** LaunchDarkly's host, with its port if it has one. */
  readonly host: string;
  /** The configuration's name. */
  readonly name: string;
  /** Whether refs may be pushed at all. Those for a LaunchDarkly on this machine never are. */
  readonly push: boolean;
  /** For the remote, in milliseconds, if shorter than the default. */
  readonly timeout?: number;
}

/** Whether refs are pushed, if there is a remote. */
export function isPushing({ push, host }: RefPlace): boolean {
  return push && !isLoopback(host);
}

/** Attempts that were recorded. */
export interface RecordedAttempts {
  readonly attempts: readonly Attempt[];
  /** Why they exist only in this clone, if they should have been pushed. One line. */
  readonly warning?: string;
}

/**
 * Records an attempt in each of the given scopes, first on the remote, with one push for all of them.
 *
 * @param options.random makes the refs unique
 * @param options.now epoch milliseconds
 * @param options.mustPush whether it is an error if the push fails
 * @throws OperatorError `attempt-not-recorded`; then nothing may be written
 */
export async function recordAttempts(
  place: RefPlace,
  scopes: readonly ScopeId[],
  content: AttemptContent,
  options: { readonly random: string; readonly now: number; readonly mustPush: boolean },
): Promise<RecordedAttempts> {
  const { repo, host, name } = place;
  const { random, now, mustPush } = options;
  const input = encodeAttempt(content, random, now);
  try {
    const tag = (await mustRun(repo.git, ['mktag'], { input })).toString('latin1').trim();
    const attemptsAs = (isLocal: boolean): Attempt[] =>
      scopes.map((scope) => ({
        ...content,
        scope,
        ref: attemptRef(host, name, scope, random, isLocal),
        tag,
      }));
    const create = (attempts: readonly Attempt[]): Parameters<typeof pushRefs>[1] =>
      attempts.map(({ ref }) => ({ ref, id: tag, expected: undefined }));
    const pushed: PushResult = isPushing(place)
      ? await pushRefs(repo, create(attemptsAs(false)), place.timeout)
      : { type: 'no remote' };
    if (repo.git.signal?.aborted === true) throw interruption(undefined, repo.git.signal);
    if (pushed.type === 'failed' && mustPush) {
      throw new OperatorError(
        'attempt-not-recorded',
        `nothing was written, because this apply could not push its attempt${pushed.reason}`,
        { hint: `${pushed.remedy}; or pass --no-record, then only this clone knows what was written` },
      );
    }
    const attempts = attemptsAs(pushed.type !== 'pushed');
    await updateRefs(repo, create(attempts));
    if (pushed.type !== 'failed') return { attempts };
    const warning = `the attempt could not be pushed${pushed.reason}: only this clone knows what is written now`;
    return { attempts, warning };
  } catch (error) {
    if (error instanceof OperatorError && error.code !== 'git-failed') throw error;
    throw new OperatorError(
      'attempt-not-recorded',
      `nothing was written, because this apply could not record its attempt in this clone: ${gitMessage(error)}`,
      { hint: WRITABLE, cause: error },
    );
  }
}

/**
 * Deletes attempts, on the remote as well. Each is deleted only if its ref still points to its tag.
 * @returns if that failed, a notice of one line; the attempts stay then, which does no harm
 */
export async function forgetAttempts(
  place: RefPlace,
  attempts: readonly Attempt[],
): Promise<string | undefined> {
  if (attempts.length === 0) return undefined;
  const deletions = (of: readonly Attempt[]): Parameters<typeof pushRefs>[1] =>
    of.map(({ ref, tag }) => ({ ref, id: undefined, expected: tag }));
  const shared = attempts.filter(({ ref }) => !isLocalAttempt(ref));
  // An attempt that the remote keeps would only be fetched again.
  const stays = shared.length > 0 && !isPushing(place);
  const deleted =
    shared.length > 0 && !stays ? await pushRefs(place.repo, deletions(shared), place.timeout) : undefined;
  const isGone = !stays && deleted?.type !== 'failed';
  try {
    await updateRefs(
      place.repo,
      deletions(isGone ? attempts : attempts.filter((it) => !shared.includes(it))),
    );
  } catch (error) {
    return `finished attempts could not be deleted in this clone: ${gitMessage(error)}; a later apply deletes them`;
  }
  if (deleted?.type !== 'failed') return undefined;
  return `finished attempts could not be deleted on the remote${deleted.reason}; a later apply deletes them`;
}
