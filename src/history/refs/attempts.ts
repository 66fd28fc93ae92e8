import { OperatorError } from '../../diagnostics/operator-error.js';
import type { ScopeId } from '../../reconcile/state.js';
import { gitMessage, mustRun } from '../git/git.js';
import { interruption } from '../git/interruption.js';
import { type AttemptContent, encodeAttempt } from './attempt.js';
import { updateRefs, WRITABLE } from './local-refs.js';
import { pushRefs, type PushResult, type RefUpdate } from './push.js';
import type { Attempt } from './read-refs.js';
import { attemptRef, isLocalAttempt } from './ref-name.js';
import { isPushing, type RefPlace } from './ref-place.js';

/** Attempts that were recorded. */
export interface RecordedAttempts {
  readonly attempts: readonly Attempt[];
  /** Why they exist only in this clone, if they should have been pushed. One line. */
  readonly warning?: string;
}

/** How to record attempts. */
export interface AttemptOptions {
  /** Makes the refs unique. */
  readonly random: string;
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether it is an error if the push fails. */
  readonly mustPush: boolean;
}

/**
 * Records an attempt in each of the given scopes, first on the remote, with one push for all of them.
 * @throws OperatorError `attempt-not-recorded`, or `interrupted`; then nothing may be written
 */
export async function recordAttempts(
  place: RefPlace,
  scopes: readonly ScopeId[],
  content: AttemptContent,
  { random, now, mustPush }: AttemptOptions,
): Promise<RecordedAttempts> {
  const { repo, host, name } = place;
  try {
    const input = encodeAttempt(content, random, now);
    const tag = (await mustRun(repo.git, ['mktag'], { input })).toString('latin1').trim();
    const attemptsAs = (isLocal: boolean): Attempt[] =>
      scopes.map((scope) => ({
        ...content,
        scope,
        ref: attemptRef(host, name, scope, random, isLocal),
        tag,
      }));
    const pushed: PushResult = isPushing(place)
      ? await pushRefs(repo, attemptsAs(false).map(creation), place.timeout)
      : { type: 'no remote' };
    if (pushed.type === 'failed') refuseUnpushed(place, pushed, mustPush);
    const attempts = attemptsAs(pushed.type !== 'pushed');
    await updateRefs(repo, attempts.map(creation));
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

function refuseUnpushed(
  { repo: { git } }: RefPlace,
  { reason, remedy }: Extract<PushResult, { type: 'failed' }>,
  mustPush: boolean,
): void {
  if (git.signal?.aborted === true) throw interruption(undefined, git.signal);
  if (!mustPush) return;
  throw new OperatorError(
    'attempt-not-recorded',
    `nothing was written, because this apply could not push its attempt${reason}`,
    { hint: `${remedy}; or pass --no-record, then only this clone knows what was written` },
  );
}

/**
 * Deletes attempts, on the remote as well. Each is deleted only if its ref still points to its tag.
 * @returns if that failed, a notice of one line; the attempts stay then, which does no harm
 */
export async function forgetAttempts(
  place: RefPlace,
  attempts: readonly Attempt[],
): Promise<string | undefined> {
  const shared = attempts.filter(({ ref }) => !isLocalAttempt(ref));
  // If they are not deleted on the remote they stay here too: they would only be fetched again.
  const pushed: PushResult =
    shared.length > 0 && isPushing(place)
      ? await pushRefs(place.repo, shared.map(deletion), place.timeout)
      : { type: 'no remote' };
  const areGone = isPushing(place) && pushed.type !== 'failed';
  const deleted = areGone ? attempts : attempts.filter(({ ref }) => isLocalAttempt(ref));
  try {
    await updateRefs(place.repo, deleted.map(deletion));
  } catch (error) {
    return `finished attempts could not be deleted in this clone: ${gitMessage(error)}; a later apply deletes them`;
  }
  if (pushed.type !== 'failed') return undefined;
  return `finished attempts could not be deleted on the remote${pushed.reason}; a later apply deletes them`;
}

function creation({ ref, tag }: Attempt): RefUpdate {
  return { ref, id: tag, expected: undefined };
}

function deletion({ ref, tag }: Attempt): RefUpdate {
  return { ref, id: undefined, expected: tag };
}
