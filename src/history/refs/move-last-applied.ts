import { shortId } from '../../reconcile/commit.js';
import { type ScopeId, scopeKey } from '../../reconcile/state.js';
import { isAncestor } from '../git/ancestry.js';
import { gitMessage } from '../git/git.js';
import { isInterruption } from '../git/interruption.js';
import { fetchRefs } from './fetch-refs.js';
import { updateRefs, WRITABLE } from './local-refs.js';
import { pushRefs, type PushResult } from './push.js';
import { readRefs } from './read-refs.js';
import { lastAppliedRef } from './ref-name.js';
import { isPushing, type RefPlace } from './ref-place.js';
import { readRemoteRefs } from './remote.js';

/** A last-applied ref to move. */
export interface LastAppliedMove {
  readonly scope: ScopeId;
  /** Id of the commit that the ref pointed to while planning; undefined if there was no ref. */
  readonly planned: string | undefined;
}

/** The result of moving refs. */
export interface MoveResult {
  /** The scopes whose ref is at HEAD now: in this clone, and on the remote if refs are pushed. */
  readonly moved: readonly ScopeId[];
  /** Why other refs were not moved, one line each. */
  readonly failures: readonly string[];
}

interface Move extends LastAppliedMove {
  readonly ref: string;
}

/**
 * Moves last-applied refs to HEAD, each only if it still is where it was while planning. A ref that another run has
 * moved meanwhile stays: this run did not know what that one declared. One that already is at HEAD counts as moved.
 *
 * The remote comes first, since it is what all clones agree on: if it refuses, this clone does not move the ref either.
 */
export async function moveLastApplied(
  place: RefPlace,
  moves: readonly LastAppliedMove[],
): Promise<MoveResult> {
  const head = place.repo.head?.id;
  if (head === undefined || moves.length === 0) return { moved: [], failures: [] };
  const { host, name } = place;
  const all = moves.map((move) => ({ ...move, ref: lastAppliedRef(host, name, move.scope) }));
  const failures: string[] = [];
  const onRemote = isPushing(place) ? await moveOnRemote(place, head, all, failures) : all;
  const here = await moveHere(place, head, onRemote, failures);
  return { moved: here.map(({ scope }) => scope), failures };
}

/** Returns those that are at HEAD on the remote afterwards, or all if there is no remote. */
async function moveOnRemote(
  place: RefPlace,
  head: string,
  moves: readonly Move[],
  failures: string[],
): Promise<readonly Move[]> {
  const { repo, timeout } = place;
  const push = (some: readonly Move[]): Promise<PushResult> =>
    pushRefs(
      repo,
      some.map(({ ref, planned }) => ({ ref, id: head, expected: planned })),
      timeout,
    );
  const pushed = await push(moves);
  if (pushed.type !== 'failed') return moves;
  const refused = (some: readonly Move[], { reason, remedy }: typeof pushed): void => {
    for (const { scope } of some) {
      failures.push(`${notMoved(scope)} on the remote${reason} (${remedy}; then run again)`);
    }
  };
  if (pushed.remote === undefined) {
    refused(moves, pushed);
    return [];
  }
  let found: ReadonlyMap<string, string>;
  try {
    const refs = moves.map(({ ref }) => ref);
    found = await readRemoteRefs(repo, pushed.remote, refs, timeout);
  } catch {
    refused(moves, pushed);
    return [];
  }
  const done: Move[] = [];
  const neverPushed: Move[] = [];
  const overtaken: (readonly [Move, string])[] = [];
  for (const move of moves) {
    const value = found.get(move.ref);
    if (value === head) done.push(move);
    else if (value === move.planned) refused([move], pushed);
    // An earlier run, with --local-refs or without a remote, moved it only in this clone.
    else if (value === undefined) neverPushed.push({ ...move, planned: undefined });
    else overtaken.push([move, value]);
  }
  if (overtaken.length > 0) {
    // To know whether their commits are newer than HEAD.
    await fetchRefs(repo, timeout);
    for (const [{ scope }, value] of overtaken) failures.push(await overtakenBy(place, head, scope, value));
  }
  if (neverPushed.length === 0) return done;
  const again = await push(neverPushed);
  if (again.type === 'failed') refused(neverPushed, again);
  const planned = new Map(moves.map((move) => [move.ref, move]));
  return again.type === 'failed'
    ? done
    : [...done, ...neverPushed.map((move) => planned.get(move.ref) ?? move)];
}

/** Returns those that are at HEAD in this clone afterwards. */
async function moveHere(
  place: RefPlace,
  head: string,
  moves: readonly Move[],
  failures: string[],
): Promise<readonly Move[]> {
  const { repo } = place;
  const update = (some: readonly Move[]): Promise<void> =>
    updateRefs(
      repo,
      some.map(({ ref, planned }) => ({ ref, id: head, expected: planned })),
    );
  try {
    await update(moves);
    return moves;
  } catch {
    // At least one of them cannot be moved. Below, each is tried alone.
  }
  const done: Move[] = [];
  for (const move of moves) {
    try {
      const value = (await readRefs(repo, [move.ref])).get(move.ref);
      if (value !== head && value !== move.planned && value !== undefined) {
        failures.push(await overtakenBy(place, head, move.scope, value));
        continue;
      }
      if (value !== head) await update([move]);
      done.push(move);
    } catch (error) {
      const remedy = isInterruption(error) ? 'run again' : `${WRITABLE}; then run again`;
      failures.push(`${notMoved(move.scope)} in this clone: ${gitMessage(error)} (${remedy})`);
    }
  }
  return done;
}

async function overtakenBy({ repo }: RefPlace, head: string, scope: ScopeId, value: string): Promise<string> {
  const isNewer = await isAncestor(repo.git, head, value).catch(() => false);
  const which = isNewer ? 'a newer commit' : 'another commit';
  return `${which} (${shortId(value)}) was applied to ${scopeKey(scope)} meanwhile; run again at the newest commit`;
}

function notMoved(scope: ScopeId): string {
  return `the last-applied ref of ${scopeKey(scope)} could not be moved`;
}
