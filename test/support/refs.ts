import { recordAttempts, type RecordedAttempts } from '../../src/history/refs/attempts.js';
import type { RefPlace } from '../../src/history/refs/ref-place.js';
import { moveLastApplied, type MoveResult } from '../../src/history/refs/move-last-applied.js';
import { type RecordedState, readRecordedState } from '../../src/history/refs/read-refs.js';
import type { ScopeId } from '../../src/reconcile/state.js';
import { opened } from './history.js';
import type { TestRepository } from './repository.js';

/** A host whose refs are pushed. */
export const HOST = 'app.launchdarkly.com';

export const PRODUCTION: ScopeId = { project: 'shop', environment: 'production' };

export const NO_FILTER = { flags: [], contexts: [] };

/** Where flagops records in a test's repository. */
export async function placeIn(repository: TestRepository, more: Partial<RefPlace> = {}): Promise<RefPlace> {
  return { repo: await opened(repository), host: HOST, name: 'default', push: true, ...more };
}

/** What the refs of a repository say. */
export async function recordedIn(repository: TestRepository, host = HOST): Promise<RecordedState> {
  return readRecordedState(await opened(repository), host, 'default');
}

/** Moves refs to HEAD as an apply does that planned just now. */
export async function recordHead(
  repository: TestRepository,
  scopes: readonly ScopeId[] = [PRODUCTION],
  more: Partial<RefPlace> = {},
): Promise<MoveResult> {
  const place = await placeIn(repository, more);
  const { lastApplied } = await readRecordedState(place.repo, place.host, place.name);
  const moves = scopes.map((scope) => ({
    scope,
    planned: lastApplied.get(`${scope.project}/${scope.environment}`)?.commit.id,
  }));
  return moveLastApplied(place, moves);
}

/** Records an attempt of HEAD, which expires at `expires`. */
export async function attemptHead(
  repository: TestRepository,
  random: string,
  more: Partial<RefPlace> & { readonly mustPush?: boolean; readonly expires?: number } = {},
): Promise<RecordedAttempts> {
  const { mustPush = true, expires = 0, ...rest } = more;
  const place = await placeIn(repository, rest);
  const content = { commit: repository.head, filter: NO_FILTER, shard: undefined, expires };
  return recordAttempts(place, [PRODUCTION], content, { random, now: 0, mustPush });
}
