import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { declarationGlobs } from '../../src/config/globs.js';
import { discover } from '../../src/declare/discover.js';
import { loadDeclarations } from '../../src/declare/load.js';
import { temporaryFolder } from '../support/repository.js';

const DEFAULT = ['overrides/**/*.{yaml,yml}'];

/** A folder with files; a value that starts with `->` makes a symbolic link. */
function folderWith(files: Readonly<Record<string, string>>): string {
  const root = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    mkdirSync(dirname(file), { recursive: true });
    if (text.startsWith('->')) symlinkSync(text.slice(2), file);
    else writeFileSync(file, text);
  }
  return root;
}

/** The paths that are found, and each error as `path code`. */
async function found(root: string, patterns: readonly string[] = DEFAULT): Promise<[string[], string[]]> {
  const { paths, diagnostics } = await discover(root, declarationGlobs(patterns, '.'));
  return [[...paths], diagnostics.map(({ at, code }) => `${at.file} ${code}`)];
}

describe('declarations on disk', () => {
  it('all files that match are found, in order', async () => {
    const root = folderWith({
      'overrides/b.yaml': '',
      'overrides/a/z.yml': '',
      'overrides/.hidden.yaml': '',
      'overrides/.d/x.yaml': '',
      'overrides/readme.md': '',
      'overrides/draft.yaml': '',
      'other/a.yaml': '',
    });
    expect(await found(root, [...DEFAULT, '!**/draft.yaml'])).toEqual([
      ['overrides/.d/x.yaml', 'overrides/.hidden.yaml', 'overrides/a/z.yml', 'overrides/b.yaml'],
      [],
    ]);
  });

  it('node_modules and .git are not searched', async () => {
    const root = folderWith({
      'node_modules/p/a.yaml': '',
      'a/node_modules/b.yaml': '',
      '.git/c.yaml': '',
      'd.yaml': '',
    });
    expect(await found(root, ['**/*.yaml'])).toEqual([['d.yaml'], []]);
  });

  it('a file that matches several globs is found once', async () => {
    const root = folderWith({ 'overrides/a/b.yaml': '' });
    expect(await found(root, ['overrides/**/*.yaml', 'overrides/a/*.yaml', '**/b.yaml'])).toEqual([
      ['overrides/a/b.yaml'],
      [],
    ]);
  });

  it('declarations can be listed one by one', async () => {
    expect(await found(folderWith({ 'a.yaml': '', 'b.yaml': '' }), ['a.yaml', 'missing.yaml'])).toEqual([
      ['a.yaml'],
      [],
    ]);
  });

  it('nothing is found if the folder does not exist', async () => {
    expect(await found(folderWith({}))).toEqual([[], []]);
  });

  it('a folder with the name of a declaration is not one', async () => {
    expect(await found(folderWith({ 'overrides/x.yaml/y.yaml': '' }))).toEqual([
      ['overrides/x.yaml/y.yaml'],
      [],
    ]);
  });

  it('a named pipe is an error', async () => {
    const root = folderWith({ 'overrides/a.yaml': '' });
    execFileSync('mkfifo', [join(root, 'overrides/pipe.yaml')]);
    expect(await found(root)).toEqual([['overrides/a.yaml'], ['overrides/pipe.yaml not-a-file']]);
  });
});

describe('symbolic links', () => {
  it('a link to a file in the repository is read', async () => {
    const root = folderWith({ 'shared/a.yaml': '', 'overrides/link.yaml': '->../shared/a.yaml' });
    expect(await found(root)).toEqual([['overrides/link.yaml'], []]);
  });

  it('a link that leaves the repository is an error', async () => {
    const root = folderWith({
      'elsewhere.yaml': '',
      'repo/overrides/up.yaml': '->../../elsewhere.yaml',
      'repo/overrides/absolute.yaml': '->/etc/hostname',
    });
    expect(await found(join(root, 'repo'))).toEqual([
      [],
      ['overrides/absolute.yaml link-outside', 'overrides/up.yaml link-outside'],
    ]);
  });

  it('a link that leads nowhere or in a circle is an error if it matches', async () => {
    const root = folderWith({
      'overrides/broken.yaml': '->nowhere.yaml',
      'overrides/circle.yaml': '->circle.yaml',
      'overrides/readme.md': '->nowhere.md',
    });
    expect(await found(root)).toEqual([
      [],
      ['overrides/broken.yaml link-broken', 'overrides/circle.yaml link-broken'],
    ]);
  });

  it('a link to a folder with declarations is an error, since git does not follow it', async () => {
    const root = folderWith({
      'shared/deep/a.yaml': '',
      'overrides/link': '->../shared',
      'overrides/loop': '->..',
      'overrides/b.yaml': '',
    });
    expect(await found(root)).toEqual([
      ['overrides/b.yaml'],
      ['overrides/link link-to-folder', 'overrides/loop link-to-folder'],
    ]);
  });

  it('a link to a folder without declarations is ignored', async () => {
    const root = folderWith({
      'docs/a.md': '',
      'overrides/docs': '->../docs',
      'a.yaml': '',
      linked: '->docs',
    });
    expect(await found(root)).toEqual([[], []]);
    expect(await found(root, ['*.yaml'])).toEqual([['a.yaml'], []]);
  });

  it('a link in place of the folder that globs start with is an error, inside and outside the repository', async () => {
    const inside = folderWith({ 'shared/a.yaml': '', overrides: '->shared' });
    expect(await found(inside)).toEqual([[], ['overrides link-to-folder']]);
    const outside = folderWith({ 'shared/x/a.yaml': '', 'repo/overrides': '->../shared' });
    expect(await found(join(outside, 'repo'), ['overrides/x/*.yaml'])).toEqual([
      [],
      ['overrides link-to-folder'],
    ]);
    expect(await found(join(outside, 'repo'), ['overrides/x/a.yaml'])).toEqual([
      [],
      ['overrides link-to-folder'],
    ]);
    expect(await found(folderWith({ overrides: '->nowhere' }))).toEqual([[], ['overrides link-broken']]);
  });

  it('a link that is listed by name is treated like any other', async () => {
    const root = folderWith({ 'b.yaml': '->nowhere', 'real.txt': '', 'a.yaml': '->real.txt' });
    expect(await found(root, ['a.yaml', 'b.yaml'])).toEqual([['a.yaml'], ['b.yaml link-broken']]);
  });
});

describe('reading declarations', () => {
  it('every unreadable file is reported, and the others are read', async () => {
    const scope = 'project: shop\nenvironment: production\n';
    const root = folderWith({
      'good.yaml': scope,
      'empty.yaml': '',
      'folder.yaml/x': '',
      'typo.yaml': `${scope}user: {}\n`,
    });
    writeFileSync(join(root, 'binary.yaml'), Buffer.from([1, 0]));
    const paths = ['binary.yaml', 'empty.yaml', 'folder.yaml', 'gone.yaml', 'good.yaml', 'typo.yaml'];
    const { declarations, diagnostics } = await loadDeclarations(root, paths, undefined);
    expect(declarations.map(({ at }) => at.file)).toEqual(['good.yaml']);
    expect(diagnostics.map(({ at, code, message }) => `${at.file} ${code} ${message}`)).toEqual([
      'binary.yaml not-text the file is binary',
      'empty.yaml yaml-empty the file has no content',
      'folder.yaml file-unreadable the file cannot be read: EISDIR',
      'gone.yaml file-unreadable the file cannot be read: ENOENT',
      'typo.yaml unknown-key unknown key "user"',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'folders and files without read permission are reported (skipped for root)',
    async () => {
      const root = folderWith({ 'overrides/locked/a.yaml': '', 'overrides/b.yaml': '' });
      chmodSync(join(root, 'overrides/locked'), 0);
      chmodSync(join(root, 'overrides/b.yaml'), 0);
      expect(await found(root)).toEqual([['overrides/b.yaml'], ['overrides/locked folder-unreadable']]);
      const { diagnostics } = await loadDeclarations(root, ['overrides/b.yaml'], undefined);
      expect(diagnostics[0]?.message).toBe('the file cannot be read: EACCES');
      chmodSync(join(root, 'overrides/locked'), 0o755);
    },
  );
});
