import { chmodSync, statSync, symlinkSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { overrides, short, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };

describe('what is applied is what is committed', () => {
  it.concurrent.each([
    ['core.autocrlf', (world: World) => world.repo.git('config', 'core.autocrlf', 'true')],
    ['eol=crlf', (world: World) => world.repo.write({ '.git/info/attributes': '* text eol=crlf\n' })],
  ])('with the line ends that %s gives', async (_, convert) => {
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
      'is told to assume unchanged',
      (world: World) => world.repo.git('update-index', '--assume-unchanged', FILE),
    ],
    ['is told to skip', (world: World) => world.repo.git('update-index', '--skip-worktree', FILE)],
    [
      'takes to be unchanged by size and time',
      (world: World) => {
        world.repo.git('config', 'core.trustctime', 'false');
        world.repo.git('config', 'core.checkStat', 'minimal');
      },
    ],
  ])('also if git %s', async (_, hide) => {
    const world = await startWorld({
      files: {
        [FILE]: overrides({ alice: { theme: 'light' } }),
        'overrides/z.yaml': overrides({ bob: { theme: 'light' } }),
      },
    });
    const { repo } = world;
    const path = join(repo.path, FILE);
    // Long ago, so that git need not look twice.
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

  it.concurrent('also in a repository inside of this one, which git does not look into', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    const { repo } = world;
    repo.write({ 'overrides/inner/b.yaml': overrides({ bob: { theme: 'dark' } }) });
    repo.git('init', '--quiet', 'overrides/inner');
    const run = await world.flagops('apply', '--yes');
    expect(run.code).toBe(4);
    expect(run.stdout).toContain('overrides/inner/b.yaml is not committed');
  });

  it.concurrent('also where ids are SHA-256', async () => {
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
