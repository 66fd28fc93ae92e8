import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { fetchRefs } from '../../../src/history/refs/fetch-refs.js';
import { opened } from '../../support/history.js';
import { attemptHead, recordedIn, recordHead } from '../../support/refs.js';
import { createRepository, temporaryFolder, TestRepository } from '../../support/repository.js';

const APPLIED = 'refs/flagops/applied/app.launchdarkly.com/default/shop/production';
const ATTEMPT = 'refs/flagops/attempts/app.launchdarkly.com/default/shop/production/00ff';

/** A repository with a remote that has a last-applied ref and an attempt, both of the first of two commits. */
async function recorded(): Promise<{ readonly repository: TestRepository; readonly first: string }> {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  repository.addRemote();
  await recordHead(repository);
  await attemptHead(repository, '00ff');
  repository.commit('second', { a: 'y' });
  return { repository, first };
}

describe.each([APPLIED, ATTEMPT])('%s', (ref) => {
  it('a damaged ref is an error that names it, and the remedy works', async () => {
    const { repository, first } = await recorded();
    const file = join(repository.path, '.git', ref);
    const zero = '0'.repeat(40);
    for (const content of ['', first.slice(0, 20), 'no commit\n', `${zero}\n`, 'ref: refs/heads/nothing\n']) {
      repository.write({ [`.git/${ref}`]: content });
      await expect(recordedIn(repository)).rejects.toMatchObject({
        code: 'ref-broken',
        message: `git cannot read ${ref}: it is empty, damaged or dangling`,
        hint: `delete the file ${file} and run again: the ref is fetched from the remote`,
      });
    }
    rmSync(file);
    expect(await fetchRefs(await opened(repository))).toBeUndefined();
    const { lastApplied, attempts } = await recordedIn(repository);
    expect(lastApplied.get('shop/production')?.commit.id).toBe(first);
    expect(attempts.get('shop/production')?.map(({ commit }) => commit)).toEqual([first]);
  });

  it('a symbolic ref is an error, since it would move with the branch', async () => {
    const { repository } = await recorded();
    repository.git('symbolic-ref', ref, 'refs/heads/main');
    await expect(recordedIn(repository)).rejects.toMatchObject({
      code: 'ref-broken',
      message: `${ref} is a symbolic ref to refs/heads/main`,
    });
  });

  it('a packed ref is read, and a damaged line of packed-refs is an error with a remedy', async () => {
    const { repository, first } = await recorded();
    repository.git('pack-refs', '--all');
    expect((await recordedIn(repository)).lastApplied.get('shop/production')?.commit.id).toBe(first);
    const packed = '.git/packed-refs';
    const head = repository.git('rev-parse', 'HEAD').trim();
    const branch = `${head} refs/heads/main\n`;
    for (const line of ['garbage', first]) {
      repository.write({ [packed]: `${line}\n${branch}` });
      await expect(recordedIn(repository)).rejects.toMatchObject({
        code: 'git-failed',
        message: expect.stringContaining('packed-refs') as string,
        hint: expect.stringMatching(/^delete that line of packed-refs/) as string,
      });
    }
    repository.write({ [packed]: `${first.slice(0, 9)} ${ref}\n${branch}` });
    await expect(recordedIn(repository)).rejects.toMatchObject({
      code: 'ref-broken',
      message: `git cannot read ${ref}: it is empty, damaged or dangling`,
      hint: `delete the line of ${ref} in ${join(repository.path, packed)} and run again: the ref is fetched from the remote`,
    });
    repository.write({ [packed]: `${'0'.repeat(40)} ${ref}\n${branch}` });
    await expect(recordedIn(repository)).rejects.toThrow(ref);
  });
});

it('a damaged ref is found from a linked worktree as well', async () => {
  const { repository } = await recorded();
  const folder = join(temporaryFolder(), 'linked');
  repository.git('worktree', 'add', '--quiet', '--detach', folder);
  const worktree = new TestRepository(folder);
  expect((await recordedIn(worktree)).lastApplied.size).toBe(1);
  repository.write({ [`.git/${APPLIED}`]: '' });
  await expect(recordedIn(worktree)).rejects.toMatchObject({ code: 'ref-broken' });
});

it('a damaged ref of a configuration with another name is an error as well', async () => {
  const { repository } = await recorded();
  repository.write({ [`.git/${APPLIED.replace('default', 'other')}`]: '' });
  await expect(recordedIn(repository)).rejects.toMatchObject({ code: 'ref-broken' });
});

describe('a last-applied ref', () => {
  it('that points to something other than a commit is an error, and its remedy works', async () => {
    const { repository } = await recorded();
    repository.git('tag', '-a', '-m', 'x', 'annotated');
    for (const [type, name] of [
      ['tree', 'HEAD^{tree}'],
      ['blob', 'HEAD:a'],
      ['tag', 'annotated'],
    ] as const) {
      repository.git('update-ref', APPLIED, repository.git('rev-parse', name));
      await expect(recordedIn(repository)).rejects.toMatchObject({
        code: 'ref-broken',
        message: `${APPLIED} points to a ${type}, not to a commit`,
        hint: expect.stringContaining(`git update-ref --no-deref -d ${APPLIED}`) as string,
      });
    }
    repository.git('update-ref', '--no-deref', '-d', APPLIED);
    await fetchRefs(await opened(repository));
    expect((await recordedIn(repository)).lastApplied.size).toBe(1);
  });

  it('that points to a missing commit is an error that names the ref and the remedy', async () => {
    const repository = createRepository();
    repository.commit('first', { a: 'x' });
    repository.write({ [`.git/${APPLIED}`]: `${'1'.repeat(40)}\n` });
    await expect(recordedIn(repository)).rejects.toMatchObject({
      code: 'last-applied-missing',
      message: `${APPLIED} points to 111111111111, a commit that this clone does not have`,
      hint: expect.stringContaining('fetch-depth: 0') as string,
    });
  });
});

describe('the ref of an attempt', () => {
  /** The attempt's tag with another text. */
  const retagged = (repository: TestRepository, change: (tag: string) => string): void => {
    const tag = repository.git('cat-file', 'tag', ATTEMPT);
    repository.write({ '.git/tag': `${change(tag)}\n` });
    repository.git('update-ref', ATTEMPT, repository.git('hash-object', '-t', 'tag', '-w', '.git/tag'));
  };

  const DAMAGES: readonly (readonly [RegExp, (repository: TestRepository) => void])[] = [
    [/points to a commit, not to an annotated tag$/, (repo) => repo.git('update-ref', ATTEMPT, 'HEAD')],
    [
      /a tag that this clone does not have$/,
      (repo) => repo.write({ [`.git/${ATTEMPT}`]: `${'1'.repeat(40)}\n` }),
    ],
    [/not JSON$/, (repo) => retagged(repo, (tag) => tag.replace('{', ''))],
    [
      /has version 2, and this flagops reads version 1$/,
      (repo) => retagged(repo, (tag) => tag.replace('"version":1', '"version":2')),
    ],
    [/no valid filter$/, (repo) => retagged(repo, (tag) => tag.replace('"flags":[]', '"flags":["[a"]'))],
    [/no valid shard$/, (repo) => retagged(repo, (tag) => tag.replace('"shard":null,', ''))],
    [/no valid expiry$/, (repo) => retagged(repo, (tag) => tag.replace(/"[^"]*Z"/, '""'))],
    [
      /names another commit than the tag$/,
      (repo) => retagged(repo, (tag) => tag.replace(/^object .*/, `object ${repo.head}`)),
    ],
  ];

  it('that does not point to an attempt is an error, and its remedy works', async () => {
    const { repository } = await recorded();
    const tag = repository.git('rev-parse', ATTEMPT);
    for (const [message, damage] of DAMAGES) {
      damage(repository);
      await expect(recordedIn(repository)).rejects.toMatchObject({
        code: 'attempt-unreadable',
        message: expect.stringMatching(message) as string,
        hint: expect.stringContaining('docs/refs.md') as string,
      });
      repository.git('update-ref', ATTEMPT, tag);
    }
    repository.git('update-ref', '--no-deref', '-d', ATTEMPT);
    repository.git('push', '--quiet', 'origin', `:${ATTEMPT}`);
    expect((await recordedIn(repository)).attempts.size).toBe(0);
  });
});

test('refs that other processes create and delete while they are read are no error', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  const reading = Array.from({ length: 10 }, () => recordedIn(repository));
  const writing = Array.from({ length: 10 }, async (__, index) => {
    const { attempts } = await attemptHead(repository, `${index}`, { push: false });
    for (const { ref } of attempts) repository.git('update-ref', '-d', ref);
  });
  await Promise.all([...reading, ...writing]);
  expect((await recordedIn(repository)).attempts.size).toBe(0);
});
