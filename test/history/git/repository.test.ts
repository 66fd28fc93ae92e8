import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openRepository } from '../../../src/history/git/repository.js';
import { ALICE, compared, opened, provenanceOf } from '../../support/history.js';
import { createRepository, temporaryFolder } from '../../support/repository.js';

const AMBIENT = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in AMBIENT)) delete process.env[name];
  Object.assign(process.env, AMBIENT);
});

test('an opened repository has its root, its HEAD and whether it is shallow', async () => {
  const repository = createRepository();
  const id = repository.commit(
    'Begin\n\nwith a body',
    { 'deep/er/a.txt': 'x' },
    { author: 'Grace <g@example.com>' },
  );
  const expected = {
    root: repository.path,
    head: { id, subject: 'Begin', author: 'Grace', date: Date.UTC(2026, 0, 1) },
    shallow: false,
  };
  expect(await openRepository(repository.path)).toMatchObject(expected);
  expect(await openRepository(join(repository.path, 'deep/er'))).toMatchObject(expected);
});

test('a repository that is opened through a link has its real path as root', async () => {
  const repository = createRepository();
  repository.commit('first', { 'a.txt': 'x' });
  const link = join(temporaryFolder(), 'link');
  symlinkSync(repository.path, link);
  expect((await openRepository(link))?.root).toBe(realpathSync(repository.path));
});

test('a repository without commits has no HEAD', async () => {
  expect(await opened(createRepository())).toMatchObject({ head: undefined, shallow: false });
});

test('a branch whose ref is damaged is an error, and not a repository without commits', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  const branch = repository.git('symbolic-ref', 'HEAD').trim();
  for (const content of ['', first.slice(0, 20), 'no commit\n']) {
    repository.write({ [`.git/${branch}`]: content });
    await expect(opened(repository)).rejects.toMatchObject({ code: 'git-failed' });
  }
  repository.write({ [`.git/${branch}`]: `${first}\n` });
  repository.git('pack-refs', '--all');
  repository.write({ '.git/packed-refs': `garbage ${branch}\n` });
  await expect(opened(repository)).rejects.toMatchObject({ code: 'git-failed' });
});

test('no repository is found outside git, in a bare repository or in a folder that does not exist', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  expect(await openRepository(temporaryFolder())).toBeUndefined();
  expect(await openRepository(repository.addRemote().path)).toBeUndefined();
  expect(await openRepository(join(temporaryFolder(), 'nowhere'))).toBeUndefined();
});

test('a missing git is an error in a repository, but not outside one', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  process.env['PATH'] = temporaryFolder();
  await expect(openRepository(repository.path)).rejects.toMatchObject({
    code: 'git-missing',
    message: `there is a repository in ${repository.path}, but git cannot be run: spawn git ENOENT`,
  });
  expect(await openRepository(temporaryFolder())).toBeUndefined();
});

test('a folder with an empty .git is an error, not a missing repository', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.git'));
  await expect(openRepository(folder)).rejects.toMatchObject({
    code: 'git-refused',
    message: expect.stringMatching(/^git refuses to read this repository: not a git repository/),
  });
});

test('a folder with an empty .git inside a repository is not taken for that repository', async () => {
  const repository = createRepository();
  repository.commit('first', { 'inner/a.txt': 'x' });
  const inner = join(repository.path, 'inner');
  mkdirSync(join(inner, '.git'));
  await expect(openRepository(inner)).rejects.toMatchObject({
    code: 'git-refused',
    message: `git uses ${repository.path} as the working tree of the repository in ${inner}`,
  });
});

test('a repository may name its own folder as its working tree', async () => {
  const repository = createRepository();
  const id = repository.commit('first', { 'deep/a.txt': 'x' });
  repository.git('config', 'core.worktree', repository.path);
  for (const folder of ['.', 'deep'])
    expect(await openRepository(join(repository.path, folder))).toMatchObject({
      root: repository.path,
      head: { id },
    });
});

test('a repository that git refuses to read is an error, not a missing repository', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.git('config', 'core.repositoryformatversion', '99');
  await expect(openRepository(repository.path)).rejects.toMatchObject({
    code: 'git-refused',
    message: expect.stringMatching(/^git refuses to read this repository: .*99[^\n]*$/),
  });
});

test('a clone is shallow only if it lacks part of the history', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  repository.commit('second', { a: 'y' });
  expect((await opened(repository.clone({ depth: 1 }))).shallow).toBe(true);
  expect((await opened(repository.clone({ depth: 2 }))).shallow).toBe(false);
  expect((await opened(repository.clone())).shallow).toBe(false);
});

test('a worktree is a repository with its own HEAD', async () => {
  const repository = createRepository();
  const first = repository.commit('first', { a: 'x' });
  repository.commit('second', { a: 'y' });
  const folder = join(temporaryFolder(), 'worktree');
  repository.git('worktree', 'add', '--quiet', '--detach', folder, first);
  expect(await openRepository(folder)).toMatchObject({ root: folder, head: { id: first } });
});

test('git settings and variables of a user or a hook do not change what is read', async () => {
  const repository = createRepository();
  repository.commit('on', { 'overrides/a.txt': `${ALICE} true\n` });
  repository.commit('reformat', { 'overrides/a.txt': `\n${ALICE} true\n` });
  const settings = {
    'log.showSignature': 'true',
    'log.follow': 'true',
    'log.showRoot': 'false',
    'log.diffMerges': 'combined',
    'log.decorate': 'full',
    'log.date': 'relative',
    'diff.renames': 'copies',
    'diff.relative': 'true',
    'diff.noprefix': 'true',
    'diff.external': 'false',
    'core.pager': 'false',
    'core.quotePath': 'true',
    'color.ui': 'always',
    'color.diff': 'always',
    'core.abbrev': '5',
    'format.pretty': 'oneline',
    'status.showUntrackedFiles': 'no',
    'status.relativePaths': 'true',
    'status.renames': 'copies',
    'i18n.logOutputEncoding': 'latin1',
  };
  for (const [name, value] of Object.entries(settings)) repository.git('config', name, value);
  repository.branch('feature');
  repository.commit('bob', { 'overrides/b.txt': 'shop/production beta user bob true\n' });
  repository.switch('main');
  repository.merge('feature', 'Merge feature');
  const elsewhere = createRepository();
  Object.assign(process.env, {
    GIT_DIR: join(elsewhere.path, '.git'),
    GIT_INDEX_FILE: '/nowhere',
    GIT_WORK_TREE: elsewhere.path,
    GIT_PAGER: 'false',
    PAGER: 'false',
    EDITOR: 'false',
    GIT_EXTERNAL_DIFF: 'false',
    GIT_TRACE: '1',
    GIT_SSH_COMMAND: 'ssh',
    GIT_LITERAL_PATHSPECS: '0',
    GIT_NAMESPACE: 'other',
  });
  repository.write({ 'overrides/ü.txt': 'x' });
  const repo = await openRepository(repository.path);
  expect(repo?.head?.subject).toBe('Merge feature');
  expect(await compared(repository, () => true, ['overrides'])).toEqual({
    dirty: ['overrides/ü.txt'],
    missing: [],
    named: [],
  });
  expect(await provenanceOf(repository)).toBe('on');
  expect(await provenanceOf(repository, { overrides: ['shop/production beta user bob'] })).toBe('bob');
});

test('git configuration in the environment is used', async () => {
  const repository = createRepository();
  repository.commit('first', { a: 'x' });
  Object.assign(process.env, {
    GIT_CONFIG_COUNT: '2',
    GIT_CONFIG_KEY_0: 'safe.directory',
    GIT_CONFIG_VALUE_0: '*',
    GIT_CONFIG_KEY_1: 'credential.helper',
    GIT_CONFIG_VALUE_1: '',
  });
  expect((await opened(repository)).git).toBeDefined();
  const name = await (await opened(repository)).git.run(['config', '--get', 'safe.directory']);
  expect(name.toString()).toBe('*\n');
});

test('a repository in a folder with an unusual name is found', async () => {
  const folder = join(temporaryFolder(), "it's ünusual -- folder");
  mkdirSync(folder);
  const repository = createRepository();
  repository.git('clone', '--quiet', repository.path, folder);
  expect((await openRepository(folder))?.root).toBe(folder);
});

test('a commit message in another encoding is decoded', async () => {
  const repository = createRepository();
  repository.write({ 'message.txt': '' });
  writeFileSync(join(repository.path, 'message.txt'), Buffer.from('Grüße', 'latin1'));
  repository.git('add', '--all');
  repository.git('-c', 'i18n.commitEncoding=latin1', 'commit', '--quiet', '-F', 'message.txt');
  expect((await opened(repository)).head?.subject).toBe('Grüße');
});
