import {
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openStateFolder, type StateFolder } from '../../src/files/state-folder.js';
import { createRepository, temporaryFolder, type TestRepository } from '../support/repository.js';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('skipped: only root can give files to another user');

/** A user that does not run the tests. */
const SOMEONE = 65_534;

let repository: TestRepository;
let elsewhere: string;
beforeEach(() => {
  repository = createRepository();
  elsewhere = temporaryFolder();
});

function opened(root = repository.path): StateFolder {
  const found = openStateFolder(root);
  if (found === undefined) throw new Error('a repository has a folder for state');
  return found;
}

const inGit = (...names: string[]): string => join(repository.path, '.git', ...names);

describe('state', () => {
  test('state is readable only by its owner, and can be read again', () => {
    const cache = opened().child('cache');
    cache.write('a.json', ['one', Buffer.from('two')]);
    cache.write('a.json', ['three']);
    expect(cache.readText('a.json')).toBe('three');
    expect(cache.names()).toEqual(['a.json']);
    expect(statSync(inGit('flagops/cache/a.json')).mode & 0o777).toBe(0o600);
    for (const folder of ['flagops', 'flagops/cache'])
      expect(statSync(inGit(folder)).mode & 0o777).toBe(0o700);
  });

  test('an incomplete write leaves the previous content', () => {
    const state = opened();
    state.write('a.json', ['before']);
    const failing = function* (): Generator<string> {
      yield 'half';
      throw new Error('no more');
    };
    expect(() => state.write('a.json', failing())).toThrow('no more');
    expect(state.readText('a.json')).toBe('before');
    expect(state.names()).toEqual(['a.json']);
  });

  test.each(['flagops', 'flagops/cache'])('state is neither written nor read through the link %s', (link) => {
    mkdirSync(join(elsewhere, 'cache'));
    for (const folder of ['', 'cache']) writeFileSync(join(elsewhere, folder, 'a.json'), 'mine');
    mkdirSync(inGit(link, '..'), { recursive: true });
    symlinkSync(elsewhere, inGit(link));
    const cache = opened().child('cache');
    expect(() => cache.write('a.json', ['ours'])).toThrow(/flagops.* is not a directory/);
    cache.remove('a.json');
    cache.removeEmpty('a.json');
    expect([cache.readText('a.json'), cache.names()]).toEqual([undefined, []]);
    expect(readFileSync(join(elsewhere, 'a.json'), 'utf8')).toBe('mine');
    expect(readFileSync(join(elsewhere, 'cache/a.json'), 'utf8')).toBe('mine');
  });

  test('writing replaces a link with the same name, and does not follow it', () => {
    writeFileSync(join(elsewhere, 'a.json'), 'mine');
    mkdirSync(inGit('flagops'));
    symlinkSync(join(elsewhere, 'a.json'), inGit('flagops/a.json'));
    const state = opened();
    expect(state.readText('a.json')).toBeUndefined();
    state.remove('a.json');
    expect(state.names()).toEqual(['a.json']);
    state.write('a.json', ['ours']);
    expect(readFileSync(join(elsewhere, 'a.json'), 'utf8')).toBe('mine');
    expect(state.readText('a.json')).toBe('ours');
  });

  test('a folder is deleted only if it is empty and not a link', () => {
    const state = opened();
    state.child('full').write('a.json', ['a']);
    state.child('empty').write('a.json', ['a']);
    state.child('empty').remove('a.json');
    symlinkSync(elsewhere, inGit('flagops/link'));
    for (const name of ['full', 'empty', 'link', 'missing']) state.removeEmpty(name);
    expect(state.names().toSorted()).toEqual(['full', 'link']);
    expect(existsSync(elsewhere)).toBe(true);
  });
});

describe('a git directory', () => {
  test.each([
    ['a file that leads nowhere', (git: string) => writeFileSync(git, 'gitdir: /no/where\n')],
    ['a file that is no pointer', (git: string) => writeFileSync(git, 'gitdir:')],
    [
      'a file that leads to a folder of any kind',
      (git: string) => writeFileSync(git, `gitdir: ${elsewhere}`),
    ],
    ['a link to a folder of any kind', (git: string) => symlinkSync(elsewhere, git)],
    ['a link that leads nowhere', (git: string) => symlinkSync('/no/where', git)],
  ])('a git directory is not %s', (_, make) => {
    const root = temporaryFolder();
    make(join(root, '.git'));
    expect(openStateFolder(root)).toBeUndefined();
  });

  test('a git directory must have all of HEAD, objects and refs', () => {
    const root = temporaryFolder();
    writeFileSync(join(elsewhere, 'HEAD'), 'ref: refs/heads/main\n');
    mkdirSync(join(elsewhere, 'objects'));
    writeFileSync(join(root, '.git'), `gitdir: ${elsewhere}\n`);
    expect(openStateFolder(root)).toBeUndefined();
    mkdirSync(join(elsewhere, 'refs'));
    expect(openStateFolder(root)).toBeDefined();
  });
});

describe.skipIf(!isRoot)('files of another user', () => {
  test.each(['.', '.git'])('nothing is stored if another user owns %s', (path) => {
    chownSync(join(repository.path, path), SOMEONE, SOMEONE);
    expect(openStateFolder(repository.path)).toBeUndefined();
  });

  test.each(['flagops', 'flagops/cache'])(
    'nothing is stored if another user owns, below the git directory, %s',
    (path) => {
      opened().child('cache').write('a.json', ['ours']);
      chownSync(inGit(path), SOMEONE, SOMEONE);
      const cache = opened().child('cache');
      expect(() => cache.write('b.json', ['ours'])).toThrow('belongs to another user');
      cache.remove('a.json');
      expect(cache.names()).toEqual([]);
      expect(readdirSync(inGit('flagops/cache'))).toEqual(['a.json']);
    },
  );

  test('nothing is stored if a worktree points to a git directory of another user', () => {
    repository.commit('Start', { 'a.txt': 'a' });
    const worktree = join(temporaryFolder(), 'worktree');
    repository.git('worktree', 'add', '--quiet', worktree);
    const paths = [inGit(), inGit('worktrees/worktree'), join(worktree, '.git'), worktree];
    const { uid } = statSync(worktree);
    for (const path of paths) {
      expect(openStateFolder(worktree)).toBeDefined();
      chownSync(path, SOMEONE, SOMEONE);
      expect([path, openStateFolder(worktree)]).toEqual([path, undefined]);
      chownSync(path, uid, uid);
    }
  });
});
