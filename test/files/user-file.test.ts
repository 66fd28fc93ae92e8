import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { createFile } from '../../src/files/new-file.js';
import { reasonOf } from '../../src/files/unsafe-path.js';
import { openReplacement, openToAppend, replacePrivately } from '../../src/files/user-file.js';
import { temporaryFolder } from '../support/repository.js';

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('skipped: only root can give a link to another user');

let folder: string;
let elsewhere: string;
beforeEach(() => {
  folder = temporaryFolder();
  elsewhere = temporaryFolder();
  writeFileSync(join(elsewhere, 'mine'), 'mine');
});

const at = (name: string): string => join(folder, name);
const text = (name: string): string => readFileSync(at(name), 'utf8');

/** The reason of a failure; undefined if there was none. */
function failure(action: () => void): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

const WAYS = [
  ['replaced', (path: string) => openReplacement(folder, path).add('ours')],
  ['added to', (path: string) => openToAppend(folder, path).add('ours')],
] as const;

describe('a file that a user named', () => {
  test('a file is replaced by the texts that are added, in order', () => {
    writeFileSync(at('out'), 'before');
    const before = openSync(at('out'), 'r');
    const file = openReplacement(folder, 'out');
    expect(text('out')).toBe('before');
    file.add('one ');
    file.add('two');
    expect(text('out')).toBe('one two');
    // It was not written in place: a reader could have seen half of it.
    expect(readFileSync(before, 'utf8')).toBe('before');
    closeSync(before);
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('a file is not created before there is something to write', () => {
    const file = openReplacement(folder, 'out');
    expect(readdirSync(folder)).toEqual([]);
    file.add('ours');
    expect(text('out')).toBe('ours');
    expect(statSync(at('out')).mode & 0o777).toBe(0o666 & ~process.umask());
  });

  test('a file that is replaced keeps its permissions', () => {
    writeFileSync(at('out'), 'before');
    chmodSync(at('out'), 0o640);
    openReplacement(folder, 'out').add('ours');
    expect([text('out'), statSync(at('out')).mode & 0o777]).toEqual(['ours', 0o640]);
  });

  test('text is appended to a file, and a new file gets the given permissions', () => {
    for (const line of ['one\n', 'two\n']) {
      const file = openToAppend(folder, 'log', 0o600);
      file.add(line);
      file.close();
    }
    expect(text('log')).toBe('one\ntwo\n');
    expect(statSync(at('log')).mode & 0o777).toBe(0o600);
  });

  test('a file is replaced by one that only its owner may read', async () => {
    writeFileSync(at('state'), 'before');
    await replacePrivately(at('state'), 'after', true);
    expect(text('state')).toBe('after');
    expect(statSync(at('state')).mode & 0o777).toBe(0o600);
    symlinkSync(join(elsewhere, 'mine'), at('link'));
    await expect(replacePrivately(at('link'), 'ours', true)).rejects.toThrow('it is a symbolic link');
    await expect(replacePrivately('/dev/null', 'ours', false)).rejects.toThrow('it is not a regular file');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  test('temporary files left by a killed run are deleted', async () => {
    const name = (digit: number): string => `.flagops-${digit}0000000-0000-0000-0000-000000000000.tmp`;
    const others = [name(2), `${name(3)}.txt`, 'notes.tmp'];
    for (const file of [name(1), ...others]) writeFileSync(at(file), 'half');
    for (const file of [name(1), ...others.slice(1)]) utimesSync(at(file), 1, 1);
    symlinkSync(join(elsewhere, 'mine'), at(name(4)));
    await replacePrivately(at('state'), 'after', true);
    expect(readdirSync(folder).toSorted()).toEqual([...others, name(4), 'state'].toSorted());
  });

  test.each(['', 'out/', 'none/out', '.'])('the path %j is refused', (path) => {
    for (const [, write] of WAYS) expect(failure(() => write(path))).toMatch(/^it does not name a file$|^E/);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe.each(WAYS)('a link in place of a file that is %s', (_, write) => {
  test.each([
    ['a file', 'mine'],
    ['a folder', '.'],
    ['nothing', 'none'],
  ])('a link is not followed to %s', (_to, target) => {
    symlinkSync(join(elsewhere, target), at('out'));
    expect(failure(() => write('out'))).toBe('it is a symbolic link');
    expect(failure(() => write(at('out')))).toBe('it is a symbolic link');
    expect(readdirSync(elsewhere)).toEqual(['mine']);
    expect(readFileSync(join(elsewhere, 'mine'), 'utf8')).toBe('mine');
  });

  test('a link in the path is not followed if it came with a checkout', () => {
    mkdirSync(at('.git'));
    mkdirSync(at('deep'));
    symlinkSync(elsewhere, at('deep/reports'));
    // A link outside of the checkout may lead to one in it.
    symlinkSync(at('deep/reports'), join(elsewhere, 'detour'));
    for (const path of ['deep/reports/out', join(elsewhere, 'detour/out')])
      expect(failure(() => write(path))).toBe(`${at('deep/reports')} is a symbolic link inside a repository`);
    symlinkSync('/dev', at('devices'));
    expect(failure(() => write('devices/null'))).toContain('inside a repository');
    expect(readdirSync(elsewhere).toSorted()).toEqual(['detour', 'mine']);
  });

  test('a link in the path is followed if it belongs to the user', () => {
    symlinkSync(elsewhere, at('reports'));
    symlinkSync('reports', at('again'));
    write('again/out');
    expect(readFileSync(join(elsewhere, 'out'), 'utf8')).toBe('ours');
  });

  test('links in a circle are refused', () => {
    symlinkSync('b', at('a'));
    symlinkSync('a', at('b'));
    expect(failure(() => write('a/out'))).toContain('too many symbolic links');
  });

  test.skipIf(!isRoot)('a link in the path is not followed if another user may have made it', () => {
    symlinkSync(elsewhere, at('reports'));
    lchownSync(at('reports'), 65_534, 65_534);
    write('reports/out');
    chmodSync(folder, 0o1777);
    expect(failure(() => write('reports/out'))).toContain('is a symbolic link that belongs to another user');
  });
});

describe('changes between the check and the write', () => {
  test('a file that is replaced during the write is noticed', () => {
    const file = openReplacement(folder, 'out');
    symlinkSync(join(elsewhere, 'mine'), at('out'));
    expect(failure(() => file.add('ours'))).toBe('it is a symbolic link');
    expect(readFileSync(join(elsewhere, 'mine'), 'utf8')).toBe('mine');
  });

  test('a folder in the path that is replaced during the write is noticed', () => {
    mkdirSync(at('.git'));
    mkdirSync(at('reports'));
    const file = openReplacement(folder, 'reports/mine');
    renameSync(at('reports'), at('moved'));
    symlinkSync(elsewhere, at('reports'));
    expect(failure(() => file.add('ours'))).toContain('inside a repository');
    expect(readFileSync(join(elsewhere, 'mine'), 'utf8')).toBe('mine');
    rmSync(at('reports'));
    expect(failure(() => file.add('ours'))).toBe('ENOENT');
  });
});

describe.each(WAYS)('a device or pipe that is %s', (_, write) => {
  test('a device stays a device', () => {
    write('/dev/null');
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    if (existsSync('/dev/full')) expect(failure(() => write('/dev/full'))).toBe('ENOSPC');
  });

  test('the reader of a pipe gets the text, and a pipe without a reader is refused at once', () => {
    execFileSync('mkfifo', [at('pipe')]);
    expect(failure(() => write('pipe'))).toBe('nothing reads from this pipe');
    const reader = openSync(at('pipe'), constants.O_RDONLY | constants.O_NONBLOCK);
    write('pipe');
    const bytes = Buffer.alloc(10);
    expect(bytes.toString('utf8', 0, readSync(reader, bytes))).toBe('ours');
    closeSync(reader);
    expect(lstatSync(at('pipe')).isFIFO()).toBe(true);
  });

  test('a file descriptor of this process is written to, and no link is followed', () => {
    const fd = openSync(at('open'), 'w');
    write(`/dev/fd/${fd}`);
    write(`/proc/self/fd/${fd}`);
    closeSync(fd);
    expect(text('open')).toBe('oursours');
    expect(failure(() => write(`/dev/fd/${fd}`))).toBe('EBADF');
    const readOnly = openSync(at('open'), 'r');
    expect(failure(() => write(`/dev/fd/${readOnly}`))).toBe('EBADF');
    closeSync(readOnly);
  });

  test('a socket is refused', async () => {
    const server = createServer().listen(at('socket'));
    await once(server, 'listening');
    expect(failure(() => write('socket'))).toBe('it is neither a file nor a pipe');
    server.close();
  });
});

describe('a new file', () => {
  test('a new file gets the folders that it needs, and replaces nothing', () => {
    expect(createFile(folder, 'a/b/c.txt', 'ours')).toBe(true);
    expect(createFile(folder, 'a/b/c.txt', 'again')).toBe(false);
    expect(text('a/b/c.txt')).toBe('ours');
    expect(readdirSync(at('a/b'))).toEqual(['c.txt']);
    symlinkSync(join(elsewhere, 'none'), at('link.txt'));
    expect(createFile(folder, 'link.txt', 'ours')).toBe(false);
    expect(readdirSync(elsewhere)).toEqual(['mine']);
  });

  test('a new file is not created through a link, or below a file', () => {
    symlinkSync(elsewhere, at('a'));
    writeFileSync(at('b'), 'a file');
    expect(failure(() => createFile(folder, 'a/c.txt', 'ours'))).toBe('a is a symbolic link');
    expect(failure(() => createFile(folder, 'b/c.txt', 'ours'))).toBe('b is not a directory');
    expect(readdirSync(elsewhere)).toEqual(['mine']);
  });
});
