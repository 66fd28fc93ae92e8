import { chmodSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { WorkingTree } from '../../../src/history/git/working-tree.js';
import { compared, NAMED } from '../../support/history.js';
import { createRepository, type TestRepository } from '../../support/repository.js';

const CLEAN = { dirty: [], missing: [], named: [] };

function matches(path: string): boolean {
  return path === 'flagops.yaml' || /^overrides\/.*\.txt$/.test(path);
}

async function compare(
  repository: TestRepository,
  bases = ['overrides', 'flagops.yaml'],
): Promise<WorkingTree> {
  return compared(repository, matches, bases);
}

function started(): TestRepository {
  const repository = createRepository();
  repository.commit('start', {
    'flagops.yaml': 'version: 1\n',
    'overrides/a.txt': 'a\n',
    'overrides/ü deep/[b]*.txt': 'b\n',
    'src/c.txt': 'c\n',
  });
  return repository;
}

test('an unchanged working tree is clean', async () => {
  expect(await compare(started())).toEqual(CLEAN);
});

test('edited, staged, untracked and ignored files are dirty', async () => {
  const repository = started();
  repository.commit('ignore', { '.gitignore': 'secret*\n' });
  repository.write({ 'overrides/a.txt': 'edited\n', 'overrides/staged.txt': 'x' });
  repository.git('add', 'overrides/staged.txt');
  repository.write({
    'overrides/new ü.txt': 'x',
    'overrides/secret.txt': 'x',
    'overrides/secrets/deep.txt': 'x',
  });
  expect((await compare(repository)).dirty).toEqual([
    'overrides/a.txt',
    'overrides/new ü.txt',
    'overrides/secret.txt',
    'overrides/secrets/deep.txt',
    'overrides/staged.txt',
  ]);
});

test('the configuration is compared, and other paths are not', async () => {
  const repository = started();
  repository.write({
    'flagops.yaml': 'version: 2\n',
    'src/c.txt': 'edited\n',
    'overrides/README.md': 'new\n',
  });
  expect(await compare(repository)).toEqual({ dirty: ['flagops.yaml'], missing: [], named: [] });
});

test('an edit that is staged and then undone on disk is dirty', async () => {
  const repository = started();
  repository.write({ 'overrides/a.txt': 'edited\n' });
  repository.git('add', '--all');
  repository.write({ 'overrides/a.txt': 'a\n' });
  expect((await compare(repository)).dirty).toEqual(['overrides/a.txt']);
});

test('a file that was removed with git is dirty, and one that was only deleted is missing', async () => {
  const repository = started();
  repository.git('rm', '--quiet', 'overrides/a.txt');
  repository.write({ 'overrides/ü deep/[b]*.txt': null });
  expect(await compare(repository)).toEqual({
    dirty: ['overrides/a.txt'],
    missing: ['overrides/ü deep/[b]*.txt'],
    named: [],
  });
});

test('a file that a sparse checkout leaves out is missing', async () => {
  const repository = started();
  repository.sparse('src');
  expect(repository.has('overrides/a.txt')).toBe(false);
  expect(await compare(repository)).toEqual({
    dirty: [],
    missing: ['overrides/a.txt', 'overrides/ü deep/[b]*.txt'],
    named: [],
  });
});

test('an edit is dirty even if git is configured to ignore it', async () => {
  const repository = started();
  repository.git('update-index', '--assume-unchanged', 'overrides/a.txt');
  repository.git('update-index', '--skip-worktree', 'flagops.yaml');
  expect(await compare(repository)).toEqual(CLEAN);
  repository.write({ 'overrides/a.txt': 'edited\n', 'flagops.yaml': 'version: 2\n' });
  expect(await compare(repository)).toEqual({
    dirty: ['flagops.yaml', 'overrides/a.txt'],
    missing: [],
    named: [],
  });
});

test('line endings that git converts are not a difference', async () => {
  const repository = createRepository();
  repository.git('config', 'core.autocrlf', 'true');
  repository.commit('start', { 'overrides/a.txt': 'a\r\n' });
  expect(repository.git('cat-file', '-p', 'HEAD:overrides/a.txt')).toBe('a');
  expect(await compare(repository)).toEqual(CLEAN);
});

test('before the first commit everything is dirty', async () => {
  const repository = createRepository();
  repository.write({ 'overrides/a.txt': 'a\n', 'flagops.yaml': 'version: 1\n' });
  repository.git('add', 'flagops.yaml');
  expect(await compare(repository)).toEqual({
    dirty: ['flagops.yaml', 'overrides/a.txt'],
    missing: [],
    named: [],
  });
});

test('the whole tree can be compared, and paths outside it are ignored', async () => {
  const repository = started();
  repository.write({ 'overrides/a.txt': 'edited\n' });
  expect((await compare(repository, ['.', '../elsewhere'])).dirty).toEqual(['overrides/a.txt']);
  expect(await compare(repository, ['../elsewhere'])).toEqual(CLEAN);
});

test('a base that looks like a pattern or an option is taken literally', async () => {
  const repository = started();
  repository.commit('odd', { '--all/x.txt': 'x', ':(top)/y.txt': 'y' });
  repository.write({ '--all/x.txt': 'edited', ':(top)/y.txt': 'edited', 'overrides/a.txt': 'edited' });
  const tree = await compared(repository, () => true, ['--all', ':(top)']);
  expect(tree.dirty).toEqual(['--all/x.txt', ':(top)/y.txt']);
});

test('the files that links lead to are compared as well', async () => {
  const repository = started();
  symlinkSync('../shared/link', join(repository.path, 'overrides/link.txt'));
  repository.write({ 'shared/real': 'x' });
  symlinkSync('real', join(repository.path, 'shared/link'));
  symlinkSync('/etc/hostname', join(repository.path, 'overrides/outside.txt'));
  symlinkSync('circle.txt', join(repository.path, 'overrides/circle.txt'));
  repository.commit('links');
  expect(await compare(repository)).toEqual(CLEAN);
  repository.write({ 'shared/real': 'edited', 'shared/other': 'x' });
  expect(await compare(repository)).toEqual({ dirty: ['shared/real'], missing: [], named: [] });
  repository.write({ 'shared/real': null });
  expect(await compare(repository)).toEqual({ dirty: [], missing: ['shared/real'], named: [] });
});

test('the executable bit is not a difference', async () => {
  const repository = started();
  chmodSync(join(repository.path, 'overrides/a.txt'), 0o755);
  expect(await compare(repository)).toEqual(CLEAN);
});

test('files with a name are listed wherever they are in the index, and are not compared', async () => {
  const repository = started();
  const paths = [`a/b/${NAMED}`, NAMED, `overrides/${NAMED}`, `ü [x]/${NAMED}`];
  repository.write(Object.fromEntries([...paths, `my${NAMED}`, `a/${NAMED}/x`].map((path) => [path, 'x'])));
  expect((await compare(repository)).named).toEqual([]);
  repository.git('add', '.');
  const tree = await compared(repository, () => true, ['overrides']);
  expect(tree).toEqual({ dirty: [`overrides/${NAMED}`], missing: [], named: paths });
});
