import { mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DEFAULT_CONFIG } from '../../src/config/config.js';
import { findWorkspace, globsOf, loadConfig } from '../../src/config/find.js';
import { temporaryFolder } from '../support/repository.js';

/** A folder with empty files; those that end in `/` are folders. */
function folderWith(...paths: string[]): string {
  const root = temporaryFolder();
  for (const path of paths) {
    mkdirSync(join(root, path, path.endsWith('/') ? '.' : '..'), { recursive: true });
    if (!path.endsWith('/')) writeFileSync(join(root, path), 'version: 1\n');
  }
  return root;
}

describe('the configuration', () => {
  it('the configuration is searched upward to the root of the repository', () => {
    const root = folderWith('.git/', 'flagops.yaml', 'a/b/c/');
    expect(findWorkspace(join(root, 'a/b/c'))).toEqual({
      root,
      configPath: 'flagops.yaml',
      configExists: true,
      folder: '.',
    });
  });

  it('the nearest configuration is used, and globs start from its folder', async () => {
    const root = folderWith('.git/', 'flagops.yaml', 'a/flagops.yaml', 'a/b/');
    const workspace = findWorkspace(join(root, 'a/b'));
    expect(workspace).toEqual({ root, configPath: 'a/flagops.yaml', configExists: true, folder: 'a' });
    expect(globsOf(DEFAULT_CONFIG, workspace).bases).toEqual(['a/overrides']);
    expect((await loadConfig(workspace)).config).toEqual(DEFAULT_CONFIG);
  });

  it('the configuration is not searched above the repository', () => {
    const root = folderWith('flagops.yaml', 'repo/.git/', 'repo/a/');
    expect(findWorkspace(join(root, 'repo/a'))).toEqual({
      root: join(root, 'repo'),
      configPath: 'flagops.yaml',
      configExists: false,
      folder: '.',
    });
  });

  it('the search ends at the root of a worktree or submodule, which has a file .git', () => {
    const root = folderWith('flagops.yaml', 'repo/.git', 'repo/a/');
    expect(findWorkspace(join(root, 'repo/a'))).toMatchObject({
      root: join(root, 'repo'),
      configExists: false,
    });
  });

  it('outside git, the configuration is only searched in the current folder', async () => {
    const root = folderWith('flagops.yaml', 'a/');
    expect(findWorkspace(root)).toMatchObject({ root, configExists: true });
    const workspace = findWorkspace(join(root, 'a'));
    expect(workspace).toMatchObject({ root: join(root, 'a'), configExists: false, folder: '.' });
    expect(await loadConfig(workspace)).toEqual({ workspace, config: DEFAULT_CONFIG, diagnostics: [] });
  });

  it('a configuration given by path decides which repository is used', () => {
    const root = folderWith('one/.git/', 'two/.git/', 'two/etc/prod.yaml');
    expect(findWorkspace(join(root, 'one'), '../two/etc/prod.yaml')).toEqual({
      root: join(root, 'two'),
      configPath: 'etc/prod.yaml',
      configExists: true,
      folder: 'etc',
    });
  });

  it('a configuration given by path must exist', () => {
    expect(() => findWorkspace(folderWith(), 'nope.yaml')).toThrow(
      'the configuration nope.yaml does not exist',
    );
  });

  it.each(['flagops.yml', '.flagops.yaml', '.flagops.yml'])(
    'a configuration named %s is an error',
    (name) => {
      const root = folderWith('.git/', name, 'a/');
      expect(() => findWorkspace(join(root, 'a'))).toThrow(`${join(root, name)} is not read`);
    },
  );

  it('a configuration that is a folder is an error', async () => {
    const root = folderWith('.git/', 'flagops.yaml/');
    await expect(loadConfig(findWorkspace(root))).rejects.toThrow(
      'the configuration flagops.yaml cannot be read: EISDIR',
    );
  });

  it('a link out of the repository is an error, and a link inside it is followed', async () => {
    const root = folderWith(
      'elsewhere.yaml',
      'repo/.git/',
      'repo/etc/real.yaml',
      'good/.git/',
      'good/real.yaml',
    );
    symlinkSync('../elsewhere.yaml', join(root, 'repo/flagops.yaml'));
    await expect(loadConfig(findWorkspace(join(root, 'repo')))).rejects.toThrow(
      'flagops.yaml is a symbolic link to a file outside the repository',
    );
    symlinkSync('real.yaml', join(root, 'good/flagops.yaml'));
    expect((await loadConfig(findWorkspace(join(root, 'good')))).config).toEqual(DEFAULT_CONFIG);
  });

  it('a configuration that is too large is not read', async () => {
    const root = folderWith('.git/', 'flagops.yaml');
    // A file with a hole: reading it would fail.
    truncateSync(join(root, 'flagops.yaml'), 2 ** 34);
    expect((await loadConfig(findWorkspace(root))).diagnostics).toMatchObject([
      { code: 'file-too-large', at: { file: 'flagops.yaml', line: 1, col: 1 } },
    ]);
  });

  it('a configuration that is not text is reported with its path', async () => {
    const root = folderWith('.git/', 'flagops.yaml');
    writeFileSync(join(root, 'flagops.yaml'), Buffer.from([0xff, 0x00]));
    const { config, diagnostics } = await loadConfig(findWorkspace(root));
    expect(config).toBeUndefined();
    expect(diagnostics).toMatchObject([{ code: 'not-text', at: { file: 'flagops.yaml', line: 1, col: 1 } }]);
  });
});
