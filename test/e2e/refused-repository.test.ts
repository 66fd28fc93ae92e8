import { chmodSync, chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder, type TestRepository } from '../support/repository.js';
import { overrides, startWorld } from '../support/world.js';

const FILES = { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) };
const COMMANDS = [['validate'], ['plan'], ['apply', '--yes'], ['drift'], ['matrix'], ['init']];
const OTHER_USER = 65_534;

const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn('skipped: only root can give a repository to another user');

function files(repo: TestRepository): string[] {
  return readdirSync(repo.path, { recursive: true, encoding: 'utf8' }).toSorted();
}

describe('a repository that git refuses to read', () => {
  it.skipIf(!isRoot).concurrent(
    'a repository of another user is refused by every command, and nothing is written',
    async () => {
      const world = await startWorld({ files: FILES });
      const { repo } = world;
      for (const path of ['.', '.git']) chownSync(join(repo.path, path), OTHER_USER, OTHER_USER);
      const before = files(repo);
      for (const args of COMMANDS) {
        const run = await world.run(args);
        expect(run.code).toBe(1);
        expect(run.stdout).toBe('');
        expect(run.stderr).toBe(
          `error: git refuses to read this repository: detected dubious ownership in repository at '${repo.path}' (if you trust it, run git config --global --add safe.directory ${repo.path})\n`,
        );
      }
      expect(files(repo)).toEqual(before);
      const trusted = {
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: repo.path,
      };
      expect(await world.run(['validate'], { env: trusted })).toMatchObject({ stderr: '', code: 0 });
    },
  );

  it.concurrent("a repository that git refuses to read is refused with git's reason", async () => {
    const world = await startWorld({ files: FILES });
    world.repo.git('config', 'core.repositoryFormatVersion', '99');
    for (const args of COMMANDS) {
      const run = await world.run(args);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(
        /^error: git refuses to read this repository: .*99.* \(run git status here to see what is wrong\)\n$/,
      );
    }
  });

  it.concurrent('a repository is refused if git is not installed; outside git none is needed', async () => {
    const bare = temporaryFolder();
    chmodSync(bare, 0o755);
    const world = await startWorld({ files: FILES });
    // In child processes, since other tests in this process need git.
    const env = { PATH: bare };
    for (const args of COMMANDS.slice(0, 3)) {
      const run = await world.start(args, { env }).done;
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(
        /^error: there is a repository in .*, but git cannot be run: spawn git ENOENT \(install git.*\)\n$/,
      );
    }
    const outside = await startWorld({ git: false, files: FILES });
    expect((await outside.start(['validate'], { env }).done).code).toBe(0);
    expect((await outside.start(['plan'], { env }).done).code).toBe(0);
  });
});
