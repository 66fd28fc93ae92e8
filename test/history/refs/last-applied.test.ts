import { expect, test } from 'vitest';
import { opened } from '../../support/history.js';
import { placeIn, recordedIn, recordHead } from '../../support/refs.js';
import { createRepository } from '../../support/repository.js';
import { moveLastApplied } from '../../../src/history/refs/move-last-applied.js';

const SCOPES = [
  { project: 'shop', environment: 'production' },
  { project: 'shop', environment: 'Q&A .lock' },
];
const LOCAL = { push: false };

test('recorded commits are read back, only for the same host and name', async () => {
  const repository = createRepository();
  const id = repository.commit('Apply me', { a: 'x' });
  expect(await recordHead(repository, SCOPES, LOCAL)).toEqual({ moved: SCOPES, failures: [] });
  const applied = (await recordedIn(repository)).lastApplied;
  const commit = { id, subject: 'Apply me', author: 'Ada Author', date: Date.UTC(2026, 0, 1) };
  expect(Object.fromEntries(applied)).toEqual({
    'shop/production': { scope: SCOPES[0], commit },
    'shop/Q&A .lock': { scope: SCOPES[1], commit },
  });
  await recordHead(repository, SCOPES, { ...LOCAL, name: 'other', host: 'app.eu.launchdarkly.com' });
  expect((await recordedIn(repository)).lastApplied.size).toBe(2);
  expect((await recordedIn(repository, 'elsewhere.example')).lastApplied.size).toBe(0);
  expect(repository.git('for-each-ref', '--format=%(refname)', 'refs/flagops')).toContain(
    'refs/flagops/applied/app.launchdarkly.com/default/shop/production',
  );
});

test('a ref moves backwards if it still is where it was while planning', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  repository.commit('second', { a: 'y' });
  await recordHead(repository, SCOPES, LOCAL);
  repository.git('checkout', '--quiet', first);
  await recordHead(repository, SCOPES.slice(0, 1), LOCAL);
  const { lastApplied } = await recordedIn(repository);
  expect([...lastApplied.values()].map(({ commit }) => commit.subject).toSorted()).toEqual([
    'first',
    'second',
  ]);
});

test('the recorded commit is HEAD at the time when the repository was opened', async () => {
  const repository = createRepository();
  const planned = repository.commit('planned', { a: 'x' });
  const place = await placeIn(repository, LOCAL);
  repository.commit('meanwhile', { a: 'y' });
  await moveLastApplied(place, [
    { scope: { project: 'shop', environment: 'production' }, planned: undefined },
  ]);
  expect((await recordedIn(repository)).lastApplied.get('shop/production')?.commit.id).toBe(planned);
});

test('nothing is recorded before the first commit', async () => {
  expect(await recordHead(createRepository(), SCOPES)).toEqual({ moved: [], failures: [] });
});

test('a ref that is newer than HEAD, or was moved meanwhile, stays, and the failure says which commit it has', async () => {
  const repository = createRepository();
  const [older, planned, newer] = ['a', 'b', 'c'].map((text) => repository.commit(text, { a: text }));
  const [first, second] = SCOPES;
  await recordHead(repository, SCOPES, LOCAL);
  repository.git('checkout', '--quiet', planned ?? '');
  const place = await placeIn(repository, LOCAL);
  const moves = SCOPES.map((scope) => ({ scope, planned: older }));
  expect(await moveLastApplied(place, moves)).toEqual({
    moved: [],
    failures: ['shop/production', 'shop/Q&A .lock'].map(
      (scope) =>
        `a newer commit (${newer?.slice(0, 12)}) was applied to ${scope} meanwhile; run again at the newest commit`,
    ),
  });
  // Only the second is as planned, so only that one moves.
  const half = [
    { scope: SCOPES[0], planned: older },
    { scope: SCOPES[1], planned: newer },
  ].flatMap(({ scope, planned: before }) => (scope === undefined ? [] : { scope, planned: before }));
  const result = await moveLastApplied(place, half);
  expect(result.moved).toEqual([second]);
  expect(result.failures).toHaveLength(1);
  const { lastApplied } = await recordedIn(repository);
  expect(lastApplied.get('shop/production')?.commit.id).toBe(newer);
  expect(first).not.toEqual(second);
});

test('a ref that another run has moved to HEAD counts as moved', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const place = await placeIn(repository, LOCAL);
  await recordHead(repository, SCOPES, LOCAL);
  const moves = SCOPES.map((scope) => ({ scope, planned: undefined }));
  expect(await moveLastApplied(place, moves)).toEqual({ moved: SCOPES, failures: [] });
});

test('a ref that another run has moved to an older commit stays: this run did not know what that one declared', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  await recordHead(repository, SCOPES.slice(0, 1), LOCAL);
  repository.commit('second', { a: 'y' });
  const moves = SCOPES.slice(0, 1).map((scope) => ({ scope, planned: undefined }));
  const { moved, failures } = await moveLastApplied(await placeIn(repository, LOCAL), moves);
  expect(moved).toEqual([]);
  expect(failures.join()).toContain(`another commit (${first.slice(0, 12)}) was applied`);
});

test('a stale lock is a failure that says what to do, and other refs still move', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const folder = '.git/refs/flagops/applied/app.launchdarkly.com/default/shop';
  repository.write({ [`${folder}/production.lock`]: '' });
  const { moved, failures } = await recordHead(repository, SCOPES, LOCAL);
  expect(moved).toEqual(SCOPES.slice(1));
  expect(failures).toEqual([
    expect.stringMatching(
      /^the last-applied ref of shop\/production could not be moved in this clone: .*production\.lock.*\.lock file.*run again\)$/,
    ),
  ]);
  expect((await opened(repository)).head?.subject).toBe('first');
});

test('refs that flagops did not write are ignored', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git('update-ref', 'refs/flagops/applied/app.launchdarkly.com/default/deep/er/still', 'HEAD');
  repository.git('update-ref', 'refs/flagops/attempts/app.launchdarkly.com/default/not/attempt', 'HEAD');
  const { lastApplied, attempts } = await recordedIn(repository);
  expect([lastApplied.size, attempts.size]).toEqual([0, 0]);
});
