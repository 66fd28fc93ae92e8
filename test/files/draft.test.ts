import {
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  type Stats,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { type Draft, openDraft, TEMPORARY } from '../../src/files/draft.js';
import { writeAll } from '../../src/files/write-all.js';
import { temporaryFolder } from '../support/repository.js';

let root: string;
let folder: string;
beforeEach(() => {
  root = temporaryFolder();
  folder = join(root, 'folder');
  mkdirSync(folder);
  mkdirSync(join(root, 'elsewhere'));
  writeFileSync(join(root, 'elsewhere/out'), 'mine');
});

const open = (checkDirectory = () => lstatSync(folder)): Draft =>
  openDraft(join(folder, 'out'), 0o666, checkDirectory);

/** What another process could do between a check and what follows it. */
function exchange(): void {
  renameSync(folder, join(root, 'moved'));
  symlinkSync(join(root, 'elsewhere'), folder);
}

describe('a draft', () => {
  test('a draft has a random temporary name until it is complete', () => {
    const [first, second] = [open(), open()];
    const names = readdirSync(folder);
    expect(names).toHaveLength(2);
    expect(names.filter((name) => TEMPORARY.test(name))).toEqual(names);
    writeAll(first.fd, 'one');
    writeAll(second.fd, 'two');
    first.replace();
    second.replace();
    expect(readdirSync(folder)).toEqual(['out']);
    expect(readFileSync(join(folder, 'out'), 'utf8')).toBe('two');
  });

  test('a draft for a new file does not replace an existing file', () => {
    const [first, second] = [open(), open()];
    first.create();
    expect(() => second.create()).toThrow('EEXIST');
    expect(readdirSync(folder)).toEqual(['out']);
  });

  test('a discarded draft leaves nothing behind', () => {
    open().discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  test('a draft is given up if its folder is replaced while it is opened', () => {
    let checks = 0;
    const checked = (): Stats => {
      const stats = lstatSync(folder);
      checks += 1;
      if (checks === 1) exchange();
      return stats;
    };
    expect(() => open(checked)).toThrow('was replaced');
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['out']);
  });

  test.each(['replace', 'create'] as const)(
    'a draft is given up if its folder is replaced before %s',
    (finish) => {
      const draft = open();
      writeAll(draft.fd, 'ours');
      exchange();
      expect(draft[finish]).toThrow('was replaced');
      expect(readdirSync(join(root, 'elsewhere'))).toEqual(['out']);
      expect(readFileSync(join(root, 'elsewhere/out'), 'utf8')).toBe('mine');
    },
  );
});
