import { chmodSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Planted } from '../support/planted.js';
import { overrides, short, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };

/** The output of every command that reads declarations. Each must exit with 1 and write nothing. */
async function refusals(world: World): Promise<string[]> {
  const outputs: string[] = [];
  for (const args of [['validate'], ['plan'], ['apply', '--yes', '--allow-dirty', '--force'], ['matrix']]) {
    const run = await world.run(args);
    expect(run.code, `${args.join(' ')}: ${run.stdout}${run.stderr}`).toBe(1);
    outputs.push(`${run.stdout}${run.stderr}`);
  }
  expect(world.writes).toEqual([]);
  return outputs;
}

describe('a declaration that git checks out with other content than was committed', () => {
  it.concurrent('a commit that git replace hides is read as it was made', async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'light' } }) } });
    const { repo } = world;
    const [light] = [repo.head];
    repo.git('checkout', '--quiet', '--orphan', 'other');
    repo.commit('Dark', { [FILE]: overrides(ALICE) });
    repo.git('checkout', '--quiet', '--force', light);
    repo.git('replace', light, 'other');
    repo.git('reset', '--quiet', '--hard', light);
    expect(repo.git('status', '--porcelain')).toBe('');
    const run = await world.run(['apply', '--yes', '--force']);
    expect(run.code).toBe(4);
    expect(run.stderr + run.stdout).toContain(`${FILE} is not committed`);
    expect(world.writes).toEqual([]);
  });

  it.concurrent('a declaration with a content filter is refused, and the filter is not run', async () => {
    const world = await startWorld();
    const { repo } = world;
    repo.git('config', 'filter.vault.smudge', 'sed s/dark/light/');
    repo.git('config', 'filter.vault.clean', 'sed s/light/dark/');
    repo.commit('Start', {
      [FILE]: overrides({ alice: { theme: 'light' } }),
      '.gitattributes': '*.yaml filter=vault\n',
    });
    expect(repo.git('show', `HEAD:${FILE}`)).toContain('dark');
    expect(repo.git('status', '--porcelain')).toBe('');
    const planted = new Planted(repo);
    for (const name of ['clean', 'smudge', 'process'])
      repo.git('config', `filter.vault.${name}`, planted.program(name));
    utimesSync(join(repo.path, FILE), new Date(1), new Date(1));

    for (const output of await refusals(world)) {
      expect(output).toMatch(/overrides\/a\.yaml:1:1.* its attribute is filter=vault/);
      expect(output).toContain('overrides/** -filter -ident -working-tree-encoding');
    }
    expect(planted.ran).toEqual([]);

    // A filter without a program here may have one on another machine.
    repo.git('config', '--remove-section', 'filter.vault');
    expect((await world.flagops('validate')).code).toBe(1);
    // Without the attribute the file is an edit like any other.
    repo.write({ '.gitattributes': '' });
    const plan = await world.plan();
    expect(plan.run.code).toBe(0);
    expect(plan.changes[0]?.provenance.type).toBe('uncommitted');
    const edited = await world.flagops('apply', '--yes');
    expect(edited.code).toBe(4);
    expect(edited.stdout).toContain(`${FILE} is not committed`);
  });

  it.concurrent('a declaration with the attribute ident or working-tree-encoding is refused', async () => {
    const world = await startWorld();
    const { repo } = world;
    repo.write({
      [FILE]: `# $Id$\n${overrides(ALICE)}`,
      '.gitattributes': 'a.yaml ident\nb.yaml working-tree-encoding=UTF-16\n',
    });
    const text = `\uFEFF${overrides({ bob: { theme: 'dark' } })}`;
    writeFileSync(join(repo.path, 'overrides/b.yaml'), Buffer.from(text, 'utf16le'));
    repo.commit('Start');
    expect(repo.git('show', 'HEAD:overrides/b.yaml')).toContain('bob:');
    repo.write({ [FILE]: null, 'overrides/b.yaml': null });
    repo.git('checkout', '--quiet', '--', 'overrides');
    expect(repo.git('status', '--porcelain')).toBe('');
    for (const output of await refusals(world)) {
      expect(output).toMatch(/overrides\/a\.yaml:1:1.* its attribute is ident/);
      expect(output).toMatch(/overrides\/b\.yaml:1:1.* its attribute is working-tree-encoding=UTF-16/);
    }
  });

  it.concurrent(
    'a declaration behind a link and the configuration are refused for a content filter too',
    async () => {
      const world = await startWorld({
        files: {
          'flagops.yaml': 'version: 1\n',
          'shared/a.yaml': overrides(ALICE),
          'overrides/b.yaml': overrides({ bob: { theme: 'dark' } }),
          '.gitattributes': 'shared/** filter=lfs\nflagops.yaml ident\noverrides/link.yaml filter=none\n',
        },
      });
      symlinkSync('../shared/a.yaml', join(world.repo.path, 'overrides/link.yaml'));
      world.repo.commit('A link');
      const { stdout } = await world.flagops('validate');
      expect(stdout).toMatch(/^shared\/a\.yaml:1:1.* filter=lfs \(Git LFS/m);
      expect(stdout).toMatch(/^flagops\.yaml:1:1.* ident/m);
      expect(stdout).not.toMatch(/filter=none/);
      // A configuration with a content filter is reported in the same way.
      world.repo.write({ 'flagops.yaml': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\n' });
      expect((await world.flagops('validate')).stdout).toMatch(
        /^flagops\.yaml:1:1.* its attribute is ident/m,
      );
    },
  );
});

describe('uncommitted content is never applied', () => {
  it.concurrent.each([
    ['core.autocrlf', (world: World) => world.repo.git('config', 'core.autocrlf', 'true')],
    ['eol=crlf', (world: World) => world.repo.write({ '.git/info/attributes': '* text eol=crlf\n' })],
  ])('a checkout with line ends converted by %s counts as clean', async (_, convert) => {
    const world = await startWorld({
      files: {
        'flagops.yaml': 'version: 1\n',
        [FILE]: overrides(ALICE),
        'overrides/b.yaml': overrides({ bob: { theme: 'dark' } }),
      },
    });
    const { repo } = world;
    symlinkSync('../shared/c.yaml', join(repo.path, 'overrides/c.yaml'));
    repo.commit('A link', { 'shared/c.yaml': overrides({ carol: { theme: 'dark' } }) });
    convert(world);
    for (const path of ['flagops.yaml', FILE, 'overrides/b.yaml', 'shared/c.yaml'])
      repo.write({ [path]: null });
    repo.git('checkout', '--quiet', '--', '.');
    expect(repo.git('ls-files', '--eol', FILE)).toMatch(/i\/lf +w\/crlf/);
    expect((await world.flagops('validate')).code).toBe(0);
    const plan = await world.plan();
    expect(plan.changes.map(({ provenance }) => provenance.commit?.subject)).toEqual([
      'Start',
      'Start',
      'A link',
    ]);
    await world.apply();
    expect(world.ref()).toBe(repo.head);
    expect((await world.plan()).changes).toEqual([]);
  });

  it.concurrent.each([
    [
      'is set to assume unchanged',
      (world: World) => world.repo.git('update-index', '--assume-unchanged', FILE),
    ],
    ['is set to skip the file', (world: World) => world.repo.git('update-index', '--skip-worktree', FILE)],
    [
      'compares only size and time',
      (world: World) => {
        world.repo.git('config', 'core.trustctime', 'false');
        world.repo.git('config', 'core.checkStat', 'minimal');
      },
    ],
  ])('an uncommitted edit is refused even if git %s', async (_, hide) => {
    const world = await startWorld({
      files: {
        [FILE]: overrides({ alice: { theme: 'light' } }),
        'overrides/z.yaml': overrides({ bob: { theme: 'light' } }),
      },
    });
    const { repo } = world;
    const path = join(repo.path, FILE);
    // An old modification time, so that git does not compare the content again.
    utimesSync(path, new Date(1e12), new Date(1e12));
    repo.git('update-index', '--refresh');
    hide(world);
    const { mtime, size } = statSync(path);
    repo.write({ [FILE]: overrides({ alyce: { theme: 'light' } }) });
    utimesSync(path, mtime, mtime);
    expect(statSync(path).size).toBe(size);
    expect(repo.git('status', '--porcelain')).toBe('');

    const plan = await world.plan();
    expect(short(plan)).toEqual(['add theme user alyce', 'add theme user bob']);
    expect(plan.changes.map(({ provenance }) => provenance.type)).toEqual(['uncommitted', 'commit']);
    const run = await world.flagops('apply', '--yes');
    expect(run.code).toBe(4);
    expect(run.stdout).toContain(`refused: ${FILE} is not committed`);
    expect(world.writes).toEqual([]);
  });

  it.concurrent('an uncommitted file in a nested repository, which git ignores, is refused', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    const { repo } = world;
    repo.write({ 'overrides/inner/b.yaml': overrides({ bob: { theme: 'dark' } }) });
    repo.git('init', '--quiet', 'overrides/inner');
    const run = await world.flagops('apply', '--yes');
    expect(run.code).toBe(4);
    expect(run.stdout).toContain('overrides/inner/b.yaml is not committed');
  });

  it.concurrent('uncommitted edits are found in a SHA-256 repository too', async () => {
    const world = await startWorld({ git: false });
    const { repo } = world;
    repo.git('init', '--quiet', '--object-format=sha256', '--initial-branch=main');
    for (const [name, value] of [
      ['user.name', 'x'],
      ['user.email', 'x@example.com'],
    ] as const)
      repo.git('config', name, value);
    repo.commit('Start', { [FILE]: overrides(ALICE), 'flagops.yaml': 'version: 1\n' });
    chmodSync(join(repo.path, FILE), 0o755);
    await world.apply();
    expect(world.ref()).toBe(repo.head);
    repo.write({ [FILE]: overrides({ bob: { theme: 'dark' } }) });
    expect((await world.flagops('apply', '--yes')).code).toBe(4);
  });
});
