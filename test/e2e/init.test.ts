import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Run, runCli } from '../support/cli.js';
import { createRepository, temporaryFolder } from '../support/repository.js';
import { diagnose, EXAMPLE, read } from '../support/workflows.js';
import { startWorld } from '../support/world.js';

const WORKFLOW = '.github/workflows/flag-overrides.yml';
const WRITTEN = [WORKFLOW, 'flagops.yaml', 'overrides/production/first.yaml'];
const HERE = ['--project', 'storefront', '--environment', 'production'];

/** Runs flagops without a token. */
const run = (cwd: string, ...args: string[]): Promise<Run> => runCli(args, { cwd });

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .filter((path) => !path.startsWith('.git/'))
    .toSorted((a, b) => a.localeCompare(b));
}

it.concurrent('init creates a valid configuration, declaration and workflow in an empty folder', async () => {
  const folder = temporaryFolder();
  const written = await run(folder, 'init');
  expect(written.code).toBe(0);
  expect(written.stdout.split('\n').toSorted((a, b) => a.localeCompare(b))).toEqual([
    '',
    ...WRITTEN.map((path) => `written  ${path}`),
  ]);
  expect(written.stderr).toMatch(/^\nNext:\n {2}1\. .*flagops import\n {2}2\. .*flagops plan\n/);
  expect(filesIn(folder)).toEqual(WRITTEN);

  const valid = await run(folder, 'validate');
  expect(valid).toMatchObject({ code: 0, stdout: 'valid: 0 overrides in 1 file\n' });
  for (const [file, schema] of [
    ['flagops.yaml', 'flagops'],
    ['overrides/production/first.yaml', 'overrides'],
  ] as const) {
    const { $id } = JSON.parse(read(`schemas/${schema}.schema.json`)) as { $id: string };
    const [first] = readFileSync(join(folder, file), 'utf8').split('\n');
    expect(first).toBe(`# yaml-language-server: $schema=${$id}`);
  }
  const workflow = readFileSync(join(folder, WORKFLOW), 'utf8');
  expect(workflow).toBe(read(EXAMPLE));
  expect(await diagnose(WORKFLOW, workflow)).toEqual([]);
});

it.concurrent(
  'the files of init can be planned and applied, both unchanged and with the commented lines enabled',
  async () => {
    const world = await startWorld();
    const { path } = world.repo;
    expect((await world.flagops('init', ...HERE)).code).toBe(0);
    world.repo.commit('Begin with flagops');
    expect((await world.apply()).stdout).toContain('Nothing to apply: live matches the declarations.');

    const file = join(path, 'overrides/production/first.yaml');
    const [schema = '', about = '', ...lines] = readFileSync(file, 'utf8').split('\n');
    expect(about).toContain('remove their leading "# "');
    const text = [schema, about, ...lines.map((line) => line.replace(/^# /, ''))].join('\n');
    world.repo.commit('Alice tries it', { 'overrides/production/first.yaml': text });
    await world.apply();
    expect(world.live('checkout-v2', 'alice@example.com')).toBe(true);
  },
);

it.concurrent('init writes to the root of the repository from any folder', async () => {
  const repo = createRepository();
  const below = join(repo.path, 'deep/down');
  mkdirSync(below, { recursive: true });
  expect((await run(below, 'init', ...HERE)).code).toBe(0);
  expect(filesIn(repo.path)).toEqual(WRITTEN);
  expect(readFileSync(join(repo.path, 'flagops.yaml'), 'utf8')).toContain('project: storefront');
});

it.concurrent('init overwrites nothing and lists the files it kept', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, '.github/workflows'), { recursive: true });
  mkdirSync(join(folder, 'overrides/production'), { recursive: true });
  const mine = { [WORKFLOW]: 'name: Mine\n', 'overrides/production/first.yaml': 'project: mine\n' };
  for (const [path, text] of Object.entries(mine)) writeFileSync(join(folder, path), text);
  const first = await run(folder, 'init');
  expect(first.code).toBe(0);
  expect(first.stdout).toContain(`kept     ${WORKFLOW} (already exists)\n`);
  expect(first.stderr).toContain('the declarations are not valid, so the configuration lists no scopes');
  for (const [path, text] of Object.entries(mine))
    expect(readFileSync(join(folder, path), 'utf8')).toBe(text);
  expect(first.stdout).toContain('written  flagops.yaml\n');

  const before = filesIn(folder).map((path) => readFileSync(join(folder, path), 'utf8'));
  const again = await run(folder, 'init', '--project', 'other');
  expect(again).toMatchObject({ code: 0, stdout: expect.not.stringContaining('written') as string });
  expect(filesIn(folder).map((path) => readFileSync(join(folder, path), 'utf8'))).toEqual(before);
});

it.concurrent('init adds no declaration to an existing configuration, which may not allow it', async () => {
  const repo = createRepository();
  repo.write({
    'team/flagops.yaml': 'version: 1\nscopes: [{ project: shop, environment: test }]\n',
    'team/overrides/a.yaml': 'project: shop\nenvironment: test\nusers: {}\n',
  });
  const written = await run(join(repo.path, 'team'), 'init', ...HERE);
  expect(written).toMatchObject({
    code: 0,
    stdout: `kept     team/flagops.yaml (already exists)\nwritten  ${WORKFLOW}\n`,
  });
  expect((await run(join(repo.path, 'team'), 'validate')).code).toBe(0);
});

it.concurrent('init does not write through links, and says why it cannot write', async () => {
  const folder = temporaryFolder();
  symlinkSync(join(folder, 'elsewhere.yml'), join(folder, '.github'));
  const linked = await run(folder, 'init');
  expect(linked.code).toBe(1);
  expect(linked.stderr).toMatch(
    /^error: cannot write .*\.yml: \.github is a symbolic link \(put a folder in its place\)\n$/m,
  );
  expect(filesIn(folder)).not.toContain('elsewhere.yml');

  const locked = temporaryFolder();
  chmodSync(locked, 0o500);
  const refused = await run(locked, 'init');
  // Permissions do not stop root.
  if (process.getuid?.() !== 0) expect(refused).toMatchObject({ code: 1, stdout: '' });
  chmodSync(locked, 0o700);
});

it.concurrent('init refuses an invalid key, which would become part of a path', async () => {
  const folder = temporaryFolder();
  for (const key of ['../up', 'a/b', '', 'a: b', '.hidden', 'a\nb']) {
    const refused = await run(folder, 'init', '--environment', key);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('is not a valid LaunchDarkly key (copy the key');
  }
  expect(filesIn(folder)).toEqual([]);
});

/** A repository with declarations and no configuration. */
function declaring(files: Readonly<Record<string, string>>): ReturnType<typeof createRepository> {
  const repo = createRepository();
  repo.commit('Start', files);
  return repo;
}

const declaration = (environment: string, flag = 'f'): string =>
  `project: shop\nenvironment: ${environment}\nusers: { alice: { ${flag}: true } }\n`;

it.concurrent('init lists the scopes that are declared already, and breaks nothing', async () => {
  const repo = declaring({
    'overrides/production/a.yaml': declaration('production'),
    'overrides/production/deep/b.yaml': declaration('production', 'g'),
    'overrides/shared.yml': declaration('staging'),
    'overrides/test/c.yaml': 'project: "1"\nenvironment: test\nusers: {}\n',
    'overrides/test/d.yaml': declaration('test'),
  });
  const before = await run(repo.path, 'validate');
  const written = await run(repo.path, 'init');
  expect(written).toMatchObject({ code: 0, stdout: `written  flagops.yaml\nwritten  ${WORKFLOW}\n` });
  expect(await run(repo.path, 'validate')).toMatchObject({ code: 0, stdout: before.stdout });
  const { scopes } = parse(readFileSync(join(repo.path, 'flagops.yaml'), 'utf8')) as { scopes: object[] };
  expect(scopes).toMatchObject([
    { project: '1', environment: 'test' },
    { project: 'shop', environment: 'production', files: ['overrides/production/**'] },
    { project: 'shop', environment: 'staging' },
    { project: 'shop', environment: 'test' },
  ]);
  expect(scopes.filter((scope) => 'files' in scope)).toHaveLength(1);

  const added = declaring({ 'overrides/production/a.yaml': declaration('production') });
  const more = await run(added.path, 'init', ...HERE);
  expect(more.stdout).toContain('written  overrides/production/first.yaml');
  expect((await run(added.path, 'validate')).code).toBe(0);
});

it.concurrent('init does not limit files in which a scope is declared through a link', async () => {
  const repo = createRepository();
  repo.write({ 'elsewhere/a.yaml': declaration('production'), 'overrides/production/b.yaml': 'x' });
  rmSync(join(repo.path, 'overrides/production/b.yaml'));
  symlinkSync('../../elsewhere/a.yaml', join(repo.path, 'overrides/production/b.yaml'));
  expect((await run(repo.path, 'init')).code).toBe(0);
  expect(await run(repo.path, 'validate')).toMatchObject({ code: 0 });
});

it.concurrent.each([
  ['the branch that is checked out', 'trunk', []],
  ['main, if another branch is checked out', 'main', ['checkout', '-q', '-b', 'feature/x']],
  [
    "the remote's default branch",
    'release/v2',
    ['symbolic-ref', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/release/v2'],
  ],
])('init writes a workflow for %s', async (_, branch, command) => {
  const repo = createRepository();
  repo.commit('Start');
  repo.git('branch', '-m', command.length === 0 ? 'trunk' : 'main');
  if (command.length > 0) repo.git(...command);
  const written = await run(repo.path, 'init');
  expect(written.stderr).toContain(`It runs for the branch ${branch}.`);
  const text = readFileSync(join(repo.path, WORKFLOW), 'utf8');
  expect(text).toContain(`branches: [${branch}]`);
  expect(text).toContain(`github.ref == 'refs/heads/${branch}'`);
  expect(await diagnose(WORKFLOW, text)).toEqual([]);
});

it.concurrent('init leaves main in the workflow if the branch has an odd name', async () => {
  const repo = createRepository();
  repo.commit('Start');
  repo.git('branch', '-m', "it's-{odd}");
  const written = await run(repo.path, 'init');
  expect(written.stderr).toContain('change main if your default branch has another name');
  expect(readFileSync(join(repo.path, WORKFLOW), 'utf8')).toBe(read(EXAMPLE));
});

it('init offers the import on a terminal', async () => {
  const world = await startWorld();
  world.touch('theme', 'alice', 'dark');
  const accepted = await world.onTerminal(['init', ...HERE], 'y\n');
  expect(accepted.code).toBe(0);
  expect(accepted.stdout).toContain(
    'overrides/production/imported.yaml (1 override of storefront/production)',
  );
  expect(await world.plan('--detailed-exitcode')).toMatchObject({ run: { code: 0 }, changes: [] });
});
