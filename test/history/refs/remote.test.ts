import { chmodSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { fetchRefs } from '../../../src/history/refs/fetch-refs.js';
import { moveLastApplied } from '../../../src/history/refs/move-last-applied.js';
import { opened } from '../../support/history.js';
import { HOST, placeIn, PRODUCTION, recordedIn, recordHead } from '../../support/refs.js';
import { createRepository, type TestRepository } from '../../support/repository.js';

const REF = 'refs/flagops/applied/app.launchdarkly.com/default/shop/production';
const MOVED = { moved: [PRODUCTION], failures: [] };

async function appliedIn(repository: TestRepository, host = HOST): Promise<string | undefined> {
  return (await recordedIn(repository, host)).lastApplied.get('shop/production')?.commit.id;
}

function refsAt(remote: TestRepository): string {
  return remote.git('for-each-ref', '--format=%(objectname) %(refname)', 'refs/flagops');
}

test('a commit that one clone records is fetched by another', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  expect(await recordHead(repository)).toEqual(MOVED);
  expect(refsAt(remote)).toBe(`${first} ${REF}`);
  const other = remote.clone();
  expect(await appliedIn(other)).toBeUndefined();
  expect(await fetchRefs(await opened(other))).toBeUndefined();
  expect(await appliedIn(other)).toBe(first);
});

test('recording again moves the ref on the remote', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  await recordHead(repository);
  const second = repository.commit('second', { a: 'y' });
  expect(await recordHead(repository)).toEqual(MOVED);
  expect(await recordHead(repository)).toEqual(MOVED);
  expect(refsAt(remote)).toBe(`${second} ${REF}`);
});

test('fetching takes over the refs of the remote, even if they moved backwards', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  repository.commit('second', { a: 'y' });
  await recordHead(repository);
  remote.git('update-ref', REF, first);
  expect(await fetchRefs(await opened(repository))).toBeUndefined();
  expect(await appliedIn(repository)).toBe(first);
});

test('a ref that another clone moved meanwhile stays on the remote and here, and the failure says so', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  await recordHead(repository);
  const other = remote.clone();
  const second = repository.commit('second', { a: 'y' });
  const place = await placeIn(repository);
  const newer = other.commit('newer', { a: 'z' });
  await fetchRefs(await opened(other));
  expect(await recordHead(other)).toEqual(MOVED);
  // This run planned when the first commit was recorded.
  const { moved, failures } = await moveLastApplied(place, [
    { scope: PRODUCTION, planned: repository.git('rev-parse', 'HEAD~1') },
  ]);
  expect(moved).toEqual([]);
  expect(failures).toEqual([
    `another commit (${newer.slice(0, 12)}) was applied to shop/production meanwhile; run again at the newest commit`,
  ]);
  expect(refsAt(remote)).toBe(`${newer} ${REF}`);
  expect(await appliedIn(repository)).toBe(newer);
  expect(second).not.toBe(newer);
});

test('a run that was overtaken by a newer commit which this clone does not have yet says that it is newer', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  const other = remote.clone();
  const newer = other.commit('newer', { a: 'z' });
  await recordHead(other);
  const moves = [{ scope: PRODUCTION, planned: undefined }];
  const { failures } = await moveLastApplied(await placeIn(repository), moves);
  expect(failures).toEqual([expect.stringContaining(`a newer commit (${newer.slice(0, 12)}) was applied`)]);
});

test('of several refs, those that nobody else moved are recorded', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  const staging = { ...PRODUCTION, environment: 'staging' };
  await recordHead(repository, [PRODUCTION, staging]);
  const second = repository.commit('second', { a: 'y' });
  const place = await placeIn(repository);
  remote.git('update-ref', '-d', REF);
  remote.git('update-ref', REF.replace('production', 'staging'), repository.git('rev-parse', 'HEAD~1'));
  repository.git('push', '--quiet', 'origin', `HEAD:refs/heads/x`);
  remote.git('update-ref', REF, second);
  const moves = [
    { scope: PRODUCTION, planned: first },
    { scope: staging, planned: first },
  ];
  // The first already is at HEAD, so that the push of it is refused although nothing is wrong.
  expect(await moveLastApplied(place, moves)).toEqual({ moved: [PRODUCTION, staging], failures: [] });
  const third = repository.commit('third', { a: 'z' });
  remote.git('update-ref', REF, first);
  const { moved, failures } = await recordHead(repository, [PRODUCTION, staging]);
  expect(moved).toEqual([staging]);
  expect(failures).toEqual([expect.stringContaining(`another commit (${first.slice(0, 12)}) was applied`)]);
  expect(refsAt(remote).split('\n')).toEqual([
    `${first} ${REF}`,
    `${third} ${REF.replace('production', 'staging')}`,
  ]);
});

test('a ref that could not be pushed earlier is pushed the next time', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  await recordHead(repository, [PRODUCTION], { push: false });
  const second = repository.commit('second', { a: 'y' });
  expect(await recordHead(repository)).toEqual(MOVED);
  expect(refsAt(remote)).toBe(`${second} ${REF}`);
  expect(await appliedIn(repository)).toBe(second);
});

test('if the remote refuses the push, the ref moves neither there nor here, and the failure says what to do', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  await recordHead(repository);
  repository.commit('second', { a: 'y' });
  remote.write({ 'hooks/pre-receive': '#!/bin/sh\necho "no refs for you" >&2\nexit 1\n' });
  chmodSync(join(remote.path, 'hooks/pre-receive'), 0o755);
  const { moved, failures } = await recordHead(repository);
  expect(moved).toEqual([]);
  expect(failures).toEqual([
    expect.stringMatching(
      /^the last-applied ref of shop\/production could not be moved on the remote \(remote origin\): .*no refs for you.*contents: write.*run again\)$/,
    ),
  ]);
  expect(refsAt(remote)).toBe(`${first} ${REF}`);
  expect(await appliedIn(repository)).toBe(first);
});

test('refs for a LaunchDarkly on this machine are never pushed, and fetching does not remove them', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  repository.git('config', 'fetch.prune', 'true');
  expect(await recordHead(repository, [PRODUCTION], { host: '127.0.0.1:8080' })).toEqual(MOVED);
  expect(await recordHead(repository, [PRODUCTION], { host: '[::ffff:7f00:1]:8080' })).toEqual(MOVED);
  expect(refsAt(remote)).toBe('');
  await fetchRefs(await opened(repository));
  expect(await appliedIn(repository, '127.0.0.1:8080')).toBe(first);
});

test('hooks and settings of the repository do not prevent a push', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  for (const hook of ['pre-push', 'reference-transaction']) {
    repository.write({ [`.git/hooks/${hook}`]: '#!/bin/sh\nexit 1\n' });
    chmodSync(join(repository.path, '.git/hooks', hook), 0o755);
  }
  repository.git('config', 'push.gpgSign', 'true');
  repository.git('config', 'push.followTags', 'true');
  expect(await recordHead(repository)).toEqual(MOVED);
  expect(refsAt(remote)).toBe(`${first} ${REF}`);
});

test("the branch's remote is used, or else origin, or else the only remote", async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const upstream = repository.addRemote('upstream');
  await recordHead(repository);
  expect(refsAt(upstream)).toBe(`${first} ${REF}`);
  const origin = repository.addRemote('origin');
  repository.branch('without-upstream');
  const second = repository.commit('second', { a: 'y' });
  await recordHead(repository);
  expect(refsAt(origin)).toBe(`${second} ${REF}`);
  expect(refsAt(upstream)).toBe(`${first} ${REF}`);
});

test('a branch that follows a local branch uses the only remote', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  repository.git('checkout', '--quiet', '--track', '-b', 'feature', 'main');
  expect(repository.git('config', 'branch.feature.remote')).toBe('.');
  expect(await recordHead(repository)).toEqual(MOVED);
  expect(refsAt(remote)).toBe(`${first} ${REF}`);
});

test('without a remote, nothing is fetched or pushed', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  expect(await fetchRefs(await opened(repository))).toBeUndefined();
  expect(await recordHead(repository)).toEqual(MOVED);
});

test('failing to reach a remote is reported without the credentials in its URL', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git('remote', 'add', 'origin', 'http://user:s3cret@127.0.0.1:1/nowhere.git');
  const failure = await fetchRefs(await opened(repository));
  expect(failure?.message).toMatch(
    /^the last-applied refs could not be fetched \(remote origin\): .*127\.0\.0\.1/,
  );
  expect(`${failure?.message}${failure?.hint}`).not.toMatch(/s3cret|user|\n/);
  const { moved, failures } = await recordHead(repository);
  expect(moved).toEqual([]);
  expect(failures.join()).toMatch(/could not be moved on the remote \(remote origin\): /);
  expect(failures.join()).not.toMatch(/s3cret|\n/);
});

test('several processes can fetch at the same time', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  const repo = await opened(repository);
  for (let round = 0; round < 3; round += 1) {
    const id = repository.commit(`round ${round}`);
    repository.git('push', '--quiet', 'origin', 'HEAD');
    for (const name of ['a', 'b', 'c', 'd']) remote.git('update-ref', REF.replace('shop', name), id);
    const failures = await Promise.all(Array.from({ length: 8 }, () => fetchRefs(repo)));
    expect(failures.map((failure) => failure?.message)).toEqual(Array.from({ length: 8 }));
    expect(repository.git('rev-parse', REF.replace('shop', 'd'))).toBe(id);
  }
});

test('a remote that does not answer is given up after the timeout', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git(
    'remote',
    'add',
    'origin',
    `git://127.0.0.1:${(silent.address() as AddressInfo).port}/x.git`,
  );
  const failure = await fetchRefs(await opened(repository), 300);
  expect(failure?.message).toContain('did not answer in time');
  silent.close();
});

test('a remote whose name looks like an option is not taken for one', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git('config', 'branch.main.remote', '--upload-pack=touch pwned');
  repository.git('config', 'branch.main.merge', 'refs/heads/main');
  expect((await fetchRefs(await opened(repository)))?.message).toContain('could not be fetched');
  expect(repository.has('pwned')).toBe(false);
});

test('a shallow clone fetches the refs and stays shallow', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  for (const text of ['y', 'z', 'zz']) repository.commit(text, { a: text });
  repository.git('update-ref', REF, first);
  const clone = repository.clone({ depth: 2 });
  expect(await fetchRefs(await opened(clone))).toBeUndefined();
  expect(await appliedIn(clone)).toBe(first);
  expect((await opened(clone)).shallow).toBe(true);
  expect(clone.git('rev-list', '--count', 'HEAD')).toBe('2');
});
