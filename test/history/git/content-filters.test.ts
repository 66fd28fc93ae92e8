import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { findContentFilters } from '../../../src/history/git/content-filters.js';
import { findRepository } from '../../../src/history/git/repository.js';
import { createRepository, temporaryFolder, type TestRepository } from '../../support/repository.js';

const AMBIENT = { ...process.env };
afterEach(() => {
  for (const name of Object.keys(process.env)) if (!(name in AMBIENT)) delete process.env[name];
  Object.assign(process.env, AMBIENT);
});

const FILE = 'overrides/a.yaml';

/** The errors, as `path:line:col message`. */
async function refused(repository: TestRepository, paths: readonly string[] = [FILE]): Promise<string[]> {
  const place = await findRepository(repository.path);
  if (place === undefined) throw new Error('no repository');
  const diagnostics = await findContentFilters(place, paths);
  expect(diagnostics.every(({ severity, code }) => severity === 'error' && code === 'content-filter')).toBe(
    true,
  );
  return diagnostics.map(({ at, message }) => `${at.file}:${at.line}:${at.col} ${message}`);
}

function withAttributes(text: string): TestRepository {
  const repository = createRepository();
  repository.commit('start', { [FILE]: 'a: 1\n' });
  // Not committed, because git cannot commit files with some of these attributes.
  repository.write({ '.gitattributes': text });
  return repository;
}

describe('git attributes', () => {
  it.each([
    ['filter=vault', 'its attribute is filter=vault'],
    [
      'filter=lfs diff=lfs merge=lfs -text',
      'its attribute is filter=lfs (Git LFS stores the content elsewhere',
    ],
    ['filter=git-crypt', 'its attribute is filter=git-crypt (git-crypt commits it encrypted'],
    ['filter', 'its attribute is filter'],
    ['ident', 'its attribute is ident'],
    ['working-tree-encoding=UTF-16LE', 'its attribute is working-tree-encoding=UTF-16LE'],
    ['working-tree-encoding=UTF-8-BOM', 'its attribute is working-tree-encoding=UTF-8-BOM'],
  ])('an attribute that changes content is an error: %s', async (attribute, message) => {
    const found = await refused(withAttributes(`*.yaml ${attribute}\n`));
    expect(found).toEqual([
      expect.stringContaining(
        `${FILE}:1:1 git checks this file out with different content than was committed: `,
      ),
    ]);
    expect(found[0]).toContain(message);
  });

  it('a filter that is named like the absence of one is an error if it is configured', async () => {
    for (const name of ['unset', 'unspecified']) {
      const repository = withAttributes(`*.yaml filter=${name}\n`);
      expect(await refused(repository)).toEqual([]);
      repository.git('config', `filter.${name}.smudge`, 'sed s/1/2/');
      expect(await refused(repository)).toEqual([expect.stringContaining(`its attribute is filter=${name}`)]);
    }
  });

  it.each([
    'text',
    '-text',
    'text=auto eol=crlf',
    'eol=lf',
    'binary',
    '-filter -ident -working-tree-encoding',
    'working-tree-encoding=utf8',
    'diff=yaml merge=union export-subst linguist-generated whitespace=cr-at-eol',
  ])('an attribute that does not change content is accepted: %s', async (attribute) => {
    expect(await refused(withAttributes(`*.yaml ${attribute}\n`))).toEqual([]);
  });

  it('attributes that change content are found wherever they are set, and can be unset', async () => {
    const repository = withAttributes('* -ident\n');
    expect(await refused(repository)).toEqual([]);
    repository.write({ 'overrides/.gitattributes': 'a.yaml ident\n' });
    expect(await refused(repository)).toHaveLength(1);
    repository.write({ '.gitattributes': '[attr]secret filter=vault ident\na.* secret\n' });
    expect(await refused(repository)).toHaveLength(2);
    repository.git('add', '.gitattributes');
    repository.write({ '.gitattributes': null, 'overrides/.gitattributes': null });
    // Without a file, git uses the staged one.
    expect(await refused(repository)).toHaveLength(2);
    repository.write({ '.gitattributes': '* -ident\n', '.git/info/attributes': 'overrides/** ident\n' });
    expect(await refused(repository)).toHaveLength(1);
    repository.write({ '.git/info/attributes': null, '.git/more': '*.yaml filter=more\n' });
    repository.git('config', 'core.attributesFile', join(repository.path, '.git/more'));
    expect(await refused(repository)).toHaveLength(1);
    repository.git('config', '--unset', 'core.attributesFile');
    expect(await refused(repository)).toEqual([]);
    const home = temporaryFolder();
    mkdirSync(join(home, 'git'));
    writeFileSync(join(home, 'git/attributes'), '*.yaml filter=user\n');
    process.env['XDG_CONFIG_HOME'] = home;
    expect(await refused(repository)).toHaveLength(1);
    repository.write({ '.gitattributes': '* -ident -filter\n' });
    expect(await refused(repository)).toEqual([]);
  });

  it('attributes that change content are reported for each file, whatever its name', async () => {
    const repository = withAttributes('odd/** ident\n');
    const paths = ['odd/ü ber.yaml', 'odd/-x.yaml', 'odd/"q".yaml', 'odd/a\tb.yaml', FILE];
    expect((await refused(repository, paths)).map((line) => line.split(':1:1 ')[0])).toEqual(
      paths.slice(0, 4),
    );
    expect(await refused(repository, [])).toEqual([]);
  });
});
