import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { blobId } from '../../../src/declare/cache/blob-id.js';
import { openCache, type ParsedCache } from '../../../src/declare/cache/cache.js';
import { encodeParsed } from '../../../src/declare/cache/encode.js';
import { loadDeclarations } from '../../../src/declare/load.js';
import { createRepository, temporaryFolder, type TestRepository } from '../../support/repository.js';
import { parse } from '../declared.js';

/** A declaration for one user, with flag keys long enough for it to be cached in a file. */
function declaration(user: string, flags = 200): string {
  const lines = Array.from({ length: flags }, (_, index) => `    ${user}-${'x'.repeat(40)}-${index}: true`);
  return `project: shop\nenvironment: production\nusers:\n  ${user}:\n${lines.join('\n')}\n`;
}

/** A cache entry that differs from the file, which shows whether the cache was used. */
const OTHER = parse('project: other\nenvironment: production\nusers: { bob: { theme: dark } }\n');

const UUID = '0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9';

let repository: TestRepository;
let cache: ParsedCache;

beforeEach(() => {
  repository = createRepository();
  cache = opened();
});

function opened(root = repository.path): ParsedCache {
  const found = openCache(root);
  if (found === undefined) throw new Error('a repository has a cache');
  return found;
}

const folder = (): string => join(repository.path, '.git/flagops/parsed');

function files(): string[] {
  const names = readdirSync(folder(), { recursive: true, withFileTypes: true });
  return names.filter((item) => item.isFile()).map((item) => join(item.parentPath, item.name));
}

function onlyFile(): string {
  const [file, ...others] = files();
  if (file === undefined || others.length > 0) throw new Error(`${others.length} files too many, or none`);
  return file;
}

describe('declarations that are loaded', () => {
  const paths = ['a.yaml', 'b.yaml'];
  beforeEach(() => repository.write({ 'a.yaml': declaration('alice'), 'b.yaml': declaration('bob', 3) }));

  const load = (from = opened()): ReturnType<typeof loadDeclarations> =>
    loadDeclarations(repository.path, paths, from);
  const projects = async (): Promise<string[]> =>
    (await load()).declarations.map(({ scopes }) => scopes[0]?.project ?? '');
  const poison = (path: string): void => {
    cache.put(blobId(readFileSync(join(repository.path, path))), encodeParsed(OTHER));
    cache.put('filler', 'x'.repeat(10_000));
    cache.save();
  };

  test('declarations of any size are read from the cache, and from the files if the cache is gone', async () => {
    const first = await load();
    expect((await load()).declarations).toEqual(first.declarations);
    poison('b.yaml');
    expect(await projects()).toEqual(['shop', 'other']);
    rmSync(folder(), { recursive: true });
    expect(await load()).toEqual(first);
  });

  test('a declaration is parsed again if the file has changed', async () => {
    await load();
    poison('a.yaml');
    expect(await projects()).toEqual(['other', 'shop']);
    repository.write({ 'a.yaml': `${declaration('alice')}# a comment\n` });
    expect(await projects()).toEqual(['shop', 'shop']);
  });

  test.each([
    ['cut off', (bytes: Buffer) => bytes.subarray(0, -20)],
    ['cut off in its first line', (bytes: Buffer) => bytes.subarray(0, 50)],
    ['emptied', () => Buffer.alloc(0)],
    ['edited in its list', (bytes: Buffer) => bytes.fill('X', 100, 101)],
    ['edited in an entry', (bytes: Buffer) => bytes.fill('y', bytes.length - 9, bytes.length - 8)],
    ['longer than it says', (bytes: Buffer) => Buffer.concat([bytes, Buffer.from('more')])],
    ['something else', () => Buffer.from('{}')],
  ])('declarations are parsed and stored again if the cache was %s', async (_, damage) => {
    const first = await load();
    const path = onlyFile();
    writeFileSync(path, damage(readFileSync(path)));
    expect(await load()).toEqual(first);
    poison('b.yaml');
    expect(await projects()).toEqual(['shop', 'other']);
  });

  test('diagnostics are the same with and without a cache', async () => {
    repository.write({
      'a.yaml': `${declaration('alice')}groups:\n  - { name: qa, users: [bob, bob], flags: { theme: light } }\n`,
      'b.yaml': `${declaration('bob', 300)}oops: true\n`,
    });
    const cold = await loadDeclarations(repository.path, paths, undefined);
    expect(cold.diagnostics.map(({ at, code }) => `${at.file}:${at.line} ${code}`)).toEqual([
      'a.yaml:206 declared-twice',
      'b.yaml:305 unknown-key',
    ]);
    const first = await load();
    expect(files()).toHaveLength(1);
    const second = await load();
    for (const { declarations, diagnostics } of [first, second])
      expect({ declarations, diagnostics }).toEqual({
        declarations: cold.declarations,
        diagnostics: cold.diagnostics,
      });
    expect(files()).toHaveLength(1);
  });

  test('a file that is not text is never cached as text', async () => {
    const bytes = Buffer.concat([Buffer.from(declaration('alice')), Buffer.from('# \xe9\n', 'latin1')]);
    writeFileSync(join(repository.path, 'a.yaml'), bytes);
    for (const run of [await load(), await load()])
      expect(run.diagnostics.map(({ code }) => code)).toEqual(['not-text']);
  });
});

describe('the cache', () => {
  const large = 'x'.repeat(20_000);

  test('the cache returns what this run and earlier runs stored', () => {
    cache.put('a', large);
    expect(cache.get('a')).toBe(large);
    cache.save();
    cache.put('b', 'small');
    expect([cache.get('a'), cache.get('b'), cache.get('c')]).toEqual([large, 'small', undefined]);
    expect(opened().get('a')).toBe(large);
  });

  test('the cache writes no file if nothing is new, and one for a few bytes', () => {
    cache.save();
    expect(() => files()).toThrow('ENOENT');
    cache.put('a', 'small');
    cache.save();
    cache.save();
    expect(files()).toHaveLength(1);
    expect(opened().get('a')).toBe('small');
  });

  test('the cache writes before save if much is waiting, so that memory is bounded', () => {
    for (let index = 0; index < 10; index += 1) cache.put(`${index}`, 'x'.repeat(1024 * 1024));
    expect(files()).toHaveLength(1);
    expect(opened().get('0')).toHaveLength(1024 * 1024);
  });

  test('the cache returns the newest entry of an id', () => {
    cache.put('a', `${large}1`);
    cache.save();
    cache.put('a', `${large}2`);
    expect(cache.get('a')).toBe(`${large}2`);
    utimesSync(onlyFile(), 1, 1);
    cache.save();
    expect(opened().get('a')).toBe(`${large}2`);
  });

  test('many packs are merged into one without losing an entry', () => {
    for (let index = 0; index < 40; index += 1) {
      const run = opened();
      run.put(`${index}`, `${large}${index}`);
      run.save();
      expect(files().length).toBeLessThanOrEqual(16);
    }
    const last = opened();
    for (let index = 0; index < 40; index += 1) expect(last.get(`${index}`)).toBe(`${large}${index}`);
  });

  test('the cache keeps to 64 MiB, and keeps used entries longest', () => {
    const bytes = 7 * 1024 * 1024;
    for (let index = 0; index < 12; index += 1) {
      const run = opened();
      expect(run.get('0')?.trim()).toBe(index === 0 ? undefined : '0');
      run.put(`${index}`, String(index).padStart(bytes));
      run.save();
      const sizes = files().map((file) => readFileSync(file).length);
      expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(64 * 1024 * 1024);
    }
    const last = opened();
    expect([last.get('0'), last.get('11')].map((text) => text?.trim())).toEqual(['0', '11']);
    expect(last.get('1')).toBeUndefined();
  });

  test('files of another version are deleted and never read', () => {
    cache.put('a', large);
    cache.save();
    const [name = ''] = readdirSync(folder());
    execFileSync('mv', [join(folder(), name), join(folder(), '0.0.0-0')]);
    expect(opened().get('a')).toBeUndefined();
    const run = opened();
    run.put('b', large);
    run.save();
    expect(readdirSync(folder())).toEqual([name]);
    expect(files()).toHaveLength(1);
  });

  test('the cache does not touch files that it did not write', () => {
    cache.put('a', large);
    cache.save();
    const [current = ''] = readdirSync(folder());
    const part = fc.constantFrom(
      '0.0.0-0',
      '1.2.3-rc.1-9',
      current,
      UUID,
      'x',
      '.',
      '-',
      '.pack',
      '.tmp',
      '~',
      ' ',
    );
    const name = fc
      .array(part, { minLength: 1, maxLength: 4 })
      .map((parts) => parts.join(''))
      .filter((text) => text !== '.' && text !== '..');
    const isOwn = (file: string): boolean =>
      new RegExp(`^(?:${UUID}\\.(?:pack|tmp)|\\.flagops-${UUID}\\.tmp)$`).test(file);
    fc.assert(
      fc.property(
        name,
        name.filter((file) => !isOwn(file)),
        fc.boolean(),
        (version, file, isFolder) => {
          const path = join(folder(), version, file);
          mkdirSync(isFolder ? path : join(folder(), version), { recursive: true });
          if (!isFolder) writeFileSync(path, 'mine');
          utimesSync(path, 1, 1);
          const run = opened();
          run.put(`${version}/${file}`, large);
          run.save();
          expect(existsSync(path)).toBe(true);
          rmSync(path, { recursive: true });
        },
      ),
      { numRuns: 100 },
    );
  });

  test('files of another version are not deleted through a link', () => {
    const elsewhere = temporaryFolder();
    writeFileSync(join(elsewhere, `${UUID}.pack`), 'mine');
    mkdirSync(join(folder(), '0.0.0-0'), { recursive: true });
    symlinkSync(elsewhere, join(folder(), '0.0.0-1'));
    symlinkSync(join(elsewhere, `${UUID}.pack`), join(folder(), '0.0.0-0', `${UUID}.pack`));
    cache.put('a', large);
    cache.save();
    expect(readdirSync(elsewhere)).toEqual([`${UUID}.pack`]);
    expect(readdirSync(folder()).toSorted().slice(0, 2)).toEqual(['0.0.0-0', '0.0.0-1']);
  });

  test('files left by a killed run are deleted, and files that another run is writing are not', () => {
    cache.put('a', large);
    cache.save();
    const [name = ''] = readdirSync(folder());
    const young = `.flagops-${UUID}.tmp`;
    const old = [`.flagops-${UUID.replace('0', '1')}.tmp`, `${UUID}.tmp`, `${UUID}.pack`];
    const foreign = ['notes.txt', 'old.tmp', 'my.pack', `${UUID}.pack.txt`, `x${UUID}.pack`, `${UUID}.PACK`];
    for (const file of [young, ...old, ...foreign]) writeFileSync(join(folder(), name, file), 'half');
    for (const file of [...old, ...foreign]) utimesSync(join(folder(), name, file), 1, 1);
    const run = opened();
    run.put('b', large);
    run.save();
    const left = readdirSync(join(folder(), name));
    expect(left.filter((item) => !/^[\da-f-]{36}\.pack$/.test(item)).toSorted()).toEqual(
      [young, ...foreign].toSorted(),
    );
    expect(left).toHaveLength(2 + 1 + foreign.length);
  });

  test('two runs at the same time lose no entry when one of them merges packs', () => {
    const runs = Array.from({ length: 20 }, () => opened());
    for (const run of runs) expect(run.get('before')).toBeUndefined();
    for (const [index, run] of runs.entries()) run.put(`${index}`, `${large}${index}`);
    for (const run of runs) run.save();
    for (const run of [...runs, opened()]) {
      for (const index of runs.keys()) {
        const found = run.get(`${index}`);
        if (found !== undefined) expect(found).toBe(`${large}${index}`);
      }
    }
    const last = opened();
    expect([...runs.keys()].filter((index) => last.get(`${index}`) === undefined)).toEqual([]);
  });

  test('the cache survives its files being deleted during a run', () => {
    cache.put('a', large);
    cache.save();
    const run = opened();
    expect(run.get('b')).toBeUndefined();
    rmSync(folder(), { recursive: true });
    expect(run.get('a')).toBeUndefined();
    run.put('c', large);
    run.save();
    expect(opened().get('c')).toBe(large);
  });

  test('a run without a writable cache goes on', () => {
    writeFileSync(join(repository.path, '.git/flagops'), 'a file where the folder would be');
    cache.put('a', large);
    cache.save();
    cache.put('b', large);
    cache.save();
    expect([cache.get('a'), cache.get('b')]).toEqual([undefined, undefined]);
  });

  test('nothing is cached if flagops must not write', () => {
    const root = temporaryFolder();
    writeFileSync(join(root, '.git'), `gitdir: ${temporaryFolder()}\n`);
    const run = opened(root);
    run.put('a', large);
    run.save();
    expect([run.get('a'), opened(root).get('a')]).toEqual([undefined, undefined]);
  });

  test('the cache is shared by the worktrees of a repository, and does not exist outside git', () => {
    expect(openCache(temporaryFolder())).toBeUndefined();
    repository.commit('start', { 'a.yaml': 'x' });
    const worktree = join(temporaryFolder(), 'worktree');
    repository.git('worktree', 'add', '--quiet', worktree);
    const run = opened(worktree);
    run.put('a', large);
    run.save();
    expect(cache.get('a')).toBe(large);
  });

  test('the cache of a submodule is in the git directory of the submodule', () => {
    const submodule = temporaryFolder();
    repository.git('init', '--quiet', '--bare', '.git/modules/sub');
    writeFileSync(join(submodule, '.git'), `gitdir: ${join(repository.path, '.git/modules/sub')}\n`);
    const run = opened(submodule);
    run.put('a', large);
    run.save();
    expect(readdirSync(join(repository.path, '.git/modules/sub'))).toContain('flagops');
  });

  test('blob ids are those of git', () => {
    expect(blobId(Buffer.from('hello\n'))).toBe('ce013625030ba8dba906f756967f9e9ca394464a');
  });
});
