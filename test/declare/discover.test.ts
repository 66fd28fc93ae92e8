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
  it('are the files that match, in order', async () => {
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

  it('are not looked for in node_modules and .git', async () => {
    const root = folderWith({
      'node_modules/p/a.yaml': '',
      'a/node_modules/b.yaml': '',
      '.git/c.yaml': '',
      'd.yaml': '',
    });
    expect(await found(root, ['**/*.yaml'])).toEqual([['d.yaml'], []]);
  });

  it('are found once where globs overlap', async () => {
    const root = folderWith({ 'overrides/a/b.yaml': '' });
    expect(await found(root, ['overrides/**/*.yaml', 'overrides/a/*.yaml', '**/b.yaml'])).toEqual([
      ['overrides/a/b.yaml'],
      [],
    ]);
  });

  it('may be named one by one', async () => {
    expect(await found(folderWith({ 'a.yaml': '', 'b.yaml': '' }), ['a.yaml', 'missing.yaml'])).toEqual([
      ['a.yaml'],
      [],
    ]);
  });

  it('are nothing where the folder does not exist', async () => {
    expect(await found(folderWith({}))).toEqual([[], []]);
  });

  it('are not folders that are called like files', async () => {
    expect(await found(folderWith({ 'overrides/x.yaml/y.yaml': '' }))).toEqual([
      ['overrides/x.yaml/y.yaml'],
      [],
    ]);
  });

  it('are not pipes, which would never end', async () => {
    const root = folderWith({ 'overrides/a.yaml': '' });
    execFileSync('mkfifo', [join(root, 'overrides/pipe.yaml')]);
    expect(await found(root)).toEqual([['overrides/a.yaml'], ['overrides/pipe.yaml not-a-file']]);
  });
});

describe('symbolic links', () => {
  it('to files in the repository are read', async () => {
    const root = folderWith({ 'shared/a.yaml': '', 'overrides/link.yaml': '->../shared/a.yaml' });
    expect(await found(root)).toEqual([['overrides/link.yaml'], []]);
  });

  it('that leave the repository are errors', async () => {
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

  it('that lead nowhere or in circles are errors where they match', async () => {
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

  it('to folders with declarations are errors, since git does not look into them', async () => {
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

  it('to folders without declarations are left alone', async () => {
    const root = folderWith({
      'docs/a.md': '',
      'overrides/docs': '->../docs',
      'a.yaml': '',
      linked: '->docs',
    });
    expect(await found(root)).toEqual([[], []]);
    expect(await found(root, ['*.yaml'])).toEqual([['a.yaml'], []]);
  });

  it('in place of the folder that globs start with are errors, inside and outside of the repository', async () => {
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

  it('that are named one by one are judged alike', async () => {
    const root = folderWith({ 'b.yaml': '->nowhere', 'real.txt': '', 'a.yaml': '->real.txt' });
    expect(await found(root, ['a.yaml', 'b.yaml'])).toEqual([['a.yaml'], ['b.yaml link-broken']]);
  });
});

describe('reading declarations', () => {
  it('tells of every file that cannot be read, and yields the others', async () => {
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
      'typo.yaml schema-additional-properties unknown key "user"',
    ]);
  });

  it.skipIf(process.getuid?.() === 0)(
    'tells of folders and files without permission (root may read all)',
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
