import { chmodSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  fetchLastApplied,
  readLastApplied,
  recordLastApplied,
} from '../../../src/history/refs/last-applied.js';
import { opened } from '../../support/history.js';
import { createRepository, type TestRepository } from '../../support/repository.js';

const HOST = 'app.launchdarkly.com';
const SCOPES = [{ project: 'shop', environment: 'production' }];
const REF = 'refs/flagops/applied/app.launchdarkly.com/default/shop/production';

async function record(repository: TestRepository, host = HOST): ReturnType<typeof recordLastApplied> {
  return recordLastApplied(await opened(repository), host, 'default', SCOPES, { push: true });
}

async function appliedIn(repository: TestRepository, host = HOST): Promise<string | undefined> {
  return (await readLastApplied(await opened(repository), host, 'default')).get('shop/production')?.commit.id;
}

function refsAt(remote: TestRepository): string {
  return remote.git('for-each-ref', '--format=%(objectname) %(refname)', 'refs/flagops');
}

test('a commit that one clone records is fetched by another', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  expect(await record(repository)).toEqual({ pushed: true });
  expect(refsAt(remote)).toBe(`${first} ${REF}`);
  const other = remote.clone();
  expect(await appliedIn(other)).toBeUndefined();
  expect(await fetchLastApplied(await opened(other))).toBeUndefined();
  expect(await appliedIn(other)).toBe(first);
});

test('recording again moves the ref on the remote', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  await record(repository);
  const second = repository.commit('second', { a: 'y' });
  expect(await record(repository)).toEqual({ pushed: true });
  expect(await record(repository)).toEqual({ pushed: true });
  expect(refsAt(remote)).toBe(`${second} ${REF}`);
});

test('fetching takes over the refs of the remote, even if they moved backwards', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  repository.commit('second', { a: 'y' });
  await record(repository);
  remote.git('update-ref', REF, first);
  expect(await fetchLastApplied(await opened(repository))).toBeUndefined();
  expect(await appliedIn(repository)).toBe(first);
});

test('a ref that another run moved in the meantime is not overwritten, and the warning names it', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  await record(repository);
  const second = repository.commit('second', { a: 'y' });
  const third = repository.commit('third', { a: 'z' });
  repository.git('push', '--quiet', 'origin', 'HEAD');
  remote.git('update-ref', REF, second);
  const recorded = await record(repository);
  expect(recorded.pushed).toBe(false);
  expect(recorded.warning).toContain(`another run moved ${REF}`);
  expect(refsAt(remote)).toBe(`${second} ${REF}`);
  expect(await appliedIn(repository)).toBe(third);
  expect(first).not.toBe(second);
});

test('a ref that could not be pushed earlier is pushed the next time', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  await recordLastApplied(await opened(repository), HOST, 'default', SCOPES, { push: false });
  const second = repository.commit('second', { a: 'y' });
  expect(await record(repository)).toEqual({ pushed: true });
  expect(refsAt(remote)).toBe(`${second} ${REF}`);
});

test('refs for a LaunchDarkly on this machine are never pushed, and fetching does not remove them', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  repository.git('config', 'fetch.prune', 'true');
  expect(await record(repository, '127.0.0.1:8080')).toEqual({ pushed: false });
  expect(await record(repository, '[::ffff:7f00:1]:8080')).toEqual({ pushed: false });
  expect(refsAt(remote)).toBe('');
  await fetchLastApplied(await opened(repository));
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
  expect(await record(repository)).toEqual({ pushed: true });
  expect(refsAt(remote)).toBe(`${first} ${REF}`);
});

test("the branch's remote is used, or else origin, or else the only remote", async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const upstream = repository.addRemote('upstream');
  await record(repository);
  expect(refsAt(upstream)).toBe(`${first} ${REF}`);
  const origin = repository.addRemote('origin');
  repository.branch('without-upstream');
  const second = repository.commit('second', { a: 'y' });
  await record(repository);
  expect(refsAt(origin)).toBe(`${second} ${REF}`);
  expect(refsAt(upstream)).toBe(`${first} ${REF}`);
});

test('a branch that follows a local branch uses the only remote', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const remote = repository.addRemote();
  repository.git('checkout', '--quiet', '--track', '-b', 'feature', 'main');
  expect(repository.git('config', 'branch.feature.remote')).toBe('.');
  expect(await record(repository)).toEqual({ pushed: true });
  expect(refsAt(remote)).toBe(`${first} ${REF}`);
});

test('without a remote, nothing is fetched or pushed', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  expect(await fetchLastApplied(await opened(repository))).toBeUndefined();
  expect(await record(repository)).toEqual({ pushed: false });
});

test('failing to reach a remote is reported without the credentials in its URL', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git('remote', 'add', 'origin', 'http://user:s3cret@127.0.0.1:1/nowhere.git');
  const failure = await fetchLastApplied(await opened(repository));
  expect(failure?.message).toMatch(
    /^the last-applied refs could not be fetched \(remote origin\): .*127\.0\.0\.1/,
  );
  expect(`${failure?.message}${failure?.hint}`).not.toMatch(/s3cret|user|\n/);
  const recorded = await record(repository);
  expect(recorded.pushed).toBe(false);
  expect(recorded.warning).toMatch(/^the last-applied refs could not be pushed/);
  expect(recorded.warning).not.toMatch(/s3cret|\n/);
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
    const failures = await Promise.all(Array.from({ length: 8 }, () => fetchLastApplied(repo)));
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
  const failure = await fetchLastApplied(await opened(repository), 300);
  expect(failure?.message).toContain('did not answer in time');
  silent.close();
});

test('a remote whose name looks like an option is not taken for one', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git('config', 'branch.main.remote', '--upload-pack=touch pwned');
  repository.git('config', 'branch.main.merge', 'refs/heads/main');
  expect((await fetchLastApplied(await opened(repository)))?.message).toContain('could not be fetched');
  expect(repository.has('pwned')).toBe(false);
});

test('a shallow clone fetches the refs and stays shallow', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  for (const text of ['y', 'z', 'zz']) repository.commit(text, { a: text });
  repository.git('update-ref', REF, first);
  const clone = repository.clone({ depth: 2 });
  expect(await fetchLastApplied(await opened(clone))).toBeUndefined();
  expect(await appliedIn(clone)).toBe(first);
  expect((await opened(clone)).shallow).toBe(true);
  expect(clone.git('rev-list', '--count', 'HEAD')).toBe('2');
});
