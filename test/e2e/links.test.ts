import {
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CLI, type Run, runCli, startCli } from '../support/cli.js';
import { createRepository, temporaryFolder, type TestRepository } from '../support/repository.js';
import { overrides, startWorld } from '../support/world.js';

/** Large enough for its parsed form to be cached in a file. */
const LARGE = overrides(
  Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`user-${index}`, { theme: 'dark' }])),
);

function repository(): TestRepository {
  const repo = createRepository();
  repo.commit('Start', { 'overrides/a.yaml': LARGE });
  return repo;
}

/** Fills a folder with files that must survive, some with names like those of the cache. */
function precious(folder: string): string {
  const names = [
    'letter.txt',
    'photos/one.jpg',
    '0.0.0-0/notes.txt',
    'parsed/thesis.tex',
    'parsed/0.0.0-0/data.pack',
  ];
  for (const name of names) {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), name);
  }
  return folder;
}

/** Every file and folder below a folder, with its content. */
function contents(folder: string): Record<string, string> {
  const entries = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return Object.fromEntries(
    entries.map((entry) => {
      const path = join(folder, entry);
      return [entry, lstatSync(path).isFile() ? readFileSync(path, 'utf8').slice(0, 40) : ''];
    }),
  );
}

async function validate(cwd: string): Promise<void> {
  const run = await runCli(['validate'], { cwd });
  expect(run).toMatchObject({ code: 0, stderr: '', stdout: 'valid: 400 overrides in 1 file\n' });
}

describe('validate', () => {
  it.concurrent.each(['.git/flagops/parsed', '.git/flagops'])(
    'validate writes and deletes nothing behind the link %s',
    async (link) => {
      const repo = repository();
      const elsewhere = precious(temporaryFolder());
      const before = contents(elsewhere);
      mkdirSync(join(repo.path, link, '..'), { recursive: true });
      symlinkSync(elsewhere, join(repo.path, link));
      await validate(repo.path);
      expect(contents(elsewhere)).toEqual(before);
    },
  );

  it.concurrent.each([
    ['a link', (elsewhere: string, git: string) => symlinkSync(elsewhere, git)],
    ['a file', (elsewhere: string, git: string) => writeFileSync(git, `gitdir: ${elsewhere}\n`)],
  ])(
    'validate writes and deletes nothing if .git is %s to something that is not a git directory',
    async (_, lead) => {
      const root = temporaryFolder();
      const elsewhere = temporaryFolder();
      precious(join(elsewhere, 'flagops'));
      const before = contents(elsewhere);
      mkdirSync(join(root, 'overrides'));
      writeFileSync(join(root, 'overrides/a.yaml'), LARGE);
      lead(elsewhere, join(root, '.git'));
      await runCli(['validate'], { cwd: root });
      expect(contents(elsewhere)).toEqual(before);
    },
  );

  it.concurrent.each(['.git/flagops/parsed', '.git/flagops'])(
    'validate in a worktree writes and deletes nothing behind the link %s of its repository',
    async (link) => {
      const repo = repository();
      const elsewhere = precious(temporaryFolder());
      const before = contents(elsewhere);
      const worktree = join(temporaryFolder(), 'worktree');
      repo.git('worktree', 'add', '--quiet', worktree);
      mkdirSync(join(repo.path, link, '..'), { recursive: true });
      symlinkSync(elsewhere, join(repo.path, link));
      await validate(worktree);
      expect(contents(elsewhere)).toEqual(before);
    },
  );

  it.concurrent.each([
    ['is a folder', (repo: TestRepository) => ({ cwd: repo.path, git: join(repo.path, '.git') })],
    [
      'is a link to one',
      (repo: TestRepository) => {
        const git = join(temporaryFolder(), 'git');
        renameSync(join(repo.path, '.git'), git);
        symlinkSync(git, join(repo.path, '.git'));
        return { cwd: repo.path, git };
      },
    ],
    [
      'is kept elsewhere',
      (repo: TestRepository) => {
        const git = join(temporaryFolder(), 'git');
        repo.git('init', '--quiet', '--separate-git-dir', git);
        return { cwd: repo.path, git };
      },
    ],
    [
      'belongs to a worktree, and the repository is elsewhere',
      (repo: TestRepository) => {
        const git = join(temporaryFolder(), 'git');
        repo.git('init', '--quiet', '--separate-git-dir', git);
        const cwd = join(temporaryFolder(), 'worktree');
        repo.git('worktree', 'add', '--quiet', cwd);
        return { cwd, git };
      },
    ],
  ])('validate caches what it parsed if the git directory %s', async (_, move) => {
    const { cwd, git } = move(repository());
    await validate(cwd);
    expect(existsSync(join(git, 'flagops/parsed'))).toBe(true);
    for (const [name, mode] of modes(join(git, 'flagops'))) expect([name, mode]).toEqual([name, 0o600]);
  });
});

describe('--out', () => {
  it.concurrent('--out is refused if it is a link or its path contains a committed link', async () => {
    const world = await startWorld();
    const elsewhere = precious(temporaryFolder());
    const before = contents(elsewhere);
    mkdirSync(join(world.repo.path, 'reports'));
    symlinkSync(join(elsewhere, 'letter.txt'), join(world.repo.path, 'reports/plan.json'));
    symlinkSync(join(elsewhere, 'new.txt'), join(world.repo.path, 'new.json'));
    symlinkSync(elsewhere, join(world.repo.path, 'all'));
    world.repo.commit('Start', { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) });
    const hint = '(name another file with --out)';
    for (const [command, out, reason] of [
      ['validate', 'reports/plan.json', 'it is a symbolic link'],
      ['plan', 'reports/plan.json', 'it is a symbolic link'],
      ['apply', 'reports/plan.json', 'it is a symbolic link'],
      ['drift', 'new.json', 'it is a symbolic link'],
      ['matrix', 'all/letter.txt', `${world.repo.path}/all is a symbolic link inside a repository`],
    ] as const) {
      const run = await world.flagops(command, '--out', out);
      expect(run).toEqual({ code: 1, stdout: '', stderr: `error: cannot write ${out}: ${reason} ${hint}\n` });
    }
    expect(contents(elsewhere)).toEqual(before);
    expect(world.simulator.requests).toEqual([]);
  });

  it.concurrent('--out writes to devices, pipes and open files', async () => {
    const repo = repository();
    const into = (out: string, after = ''): Promise<Run> => {
      const command = `"$0" "$1" validate --out ${out} ${after}`;
      return startCli(['-c', command, process.execPath, CLI], { cwd: repo.path, command: 'bash' }).done;
    };
    const valid = 'valid: 400 overrides in 1 file\n';
    expect(await into('/dev/null')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(await into('/dev/stdout')).toEqual({ code: 0, stdout: valid, stderr: '' });
    expect(await into('/dev/stderr')).toEqual({ code: 0, stdout: '', stderr: valid });
    expect(await into('>(cat)', '| cat')).toMatchObject({ code: 0, stdout: valid });
    expect(await into('/dev/fd/3', '3> by-number; cat by-number')).toMatchObject({ code: 0, stdout: valid });
    expect(await into('file.txt')).toMatchObject({ code: 0 });
    expect(readFileSync(join(repo.path, 'file.txt'), 'utf8')).toBe(valid);
  });
});

/** The permissions of every file and folder, without the execute bits that folders need. */
function modes(folder: string): [string, number][] {
  const entries = ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
  return entries.map((entry) => {
    const { mode } = lstatSync(join(folder, entry));
    return [entry, mode & 0o666];
  });
}
