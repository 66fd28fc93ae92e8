import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { countedGit } from '../support/interrupting-git.js';
import { gitStateOf } from '../support/planning.js';
import { createRepository, type Files, type TestRepository } from '../support/repository.js';
import { config, overrides, startWorld } from '../support/world.js';

const PRODUCTION = overrides({ alice: { theme: 'dark' } });
const STAGING = overrides({}, { environment: 'staging' });
/** Lists only storefront/production. */
const LISTS = config({}, {});

function repository(files: Files): TestRepository {
  const repo = createRepository();
  repo.commit('Start', files);
  return repo;
}

const isTaken = (repo: TestRepository): Promise<string | undefined> =>
  gitStateOf(repo).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );

const both = (other: string): string =>
  `flagops.yaml and ${other} have the same name, default, and both manage storefront/production`;

describe('two configurations in HEAD', () => {
  it.each<[string, Files, string | undefined]>([
    ['both list the scope', { 'flagops.yaml': LISTS, 'team/flagops.yaml': LISTS }, 'team/flagops.yaml'],
    [
      'one lists it, the other declares for it',
      { 'flagops.yaml': LISTS, 'team/flagops.yaml': config({}), 'team/overrides/a.yaml': PRODUCTION },
      'team/flagops.yaml',
    ],
    [
      'one declares for it, the other lists it',
      { 'flagops.yaml': config({}), 'overrides/a.yaml': PRODUCTION, 'a/b/flagops.yaml': LISTS },
      'a/b/flagops.yaml',
    ],
    [
      'both declare for it, one without any overrides',
      {
        'flagops.yaml': config({}),
        'overrides/a.yaml': PRODUCTION,
        'ü [b]*/flagops.yaml': config({ name: 'default', declarations: ['flags/*'] }),
        'ü [b]*/flags/a.yaml': overrides({}),
      },
      'ü [b]*/flagops.yaml',
    ],
    [
      'the names differ',
      { 'flagops.yaml': LISTS, 'team/flagops.yaml': config({ name: 'team' }, {}) },
      undefined,
    ],
    [
      'the scopes differ',
      {
        'flagops.yaml': LISTS,
        'team/flagops.yaml': config({}),
        'team/overrides/a.yaml': STAGING,
        // Not a declaration of that configuration.
        'team/other/a.yaml': PRODUCTION,
      },
      undefined,
    ],
    [
      'the other one is not valid, so it cannot be applied',
      { 'flagops.yaml': LISTS, 'team/flagops.yaml': `${LISTS}nothing: 1\n` },
      undefined,
    ],
    ['the other file has a longer name', { 'flagops.yaml': LISTS, 'a/myflagops.yaml': LISTS }, undefined],
  ])('if %s', async (_, files, other) => {
    expect(await isTaken(repository(files))).toBe(other && both(other));
  });

  it('the defaults count as a configuration', async () => {
    const repo = repository({ 'overrides/a.yaml': PRODUCTION, 'team/flagops.yaml': LISTS });
    expect(await isTaken(repo)).toBe(
      'the default configuration and team/flagops.yaml have the same name, default, and both manage storefront/production',
    );
  });

  it('a configuration that is not in HEAD does not count, and one that is missing on disk does', async () => {
    const repo = repository({ 'flagops.yaml': LISTS });
    repo.write({ 'team/flagops.yaml': LISTS });
    expect(await isTaken(repo)).toBeUndefined();
    repo.git('add', '.');
    expect(await isTaken(repo)).toBeUndefined();
    repo.commit('Another one');
    repo.write({ 'team/flagops.yaml': null });
    expect(await isTaken(repo)).toBe(both('team/flagops.yaml'));
  });

  it('a link to a configuration is one, with the globs of its own folder', async () => {
    const repo = repository({
      'flagops.yaml': config({}),
      'overrides/a.yaml': PRODUCTION,
      'shared/common.yaml': config({}),
      'team/overrides/a.yaml': PRODUCTION,
    });
    symlinkSync('../shared/common.yaml', join(repo.path, 'team/flagops.yaml'));
    symlinkSync('nowhere', join(repo.path, 'shared/flagops.yaml'));
    repo.commit('Links');
    expect(await isTaken(repo)).toBe(both('team/flagops.yaml'));
  });

  it('every command that compares with HEAD refuses them', async () => {
    const world = await startWorld({
      files: { 'flagops.yaml': LISTS, 'overrides/a.yaml': PRODUCTION, 'team/flagops.yaml': LISTS },
    });
    for (const args of [['plan'], ['apply', '--yes', '--force'], ['drift'], ['matrix']]) {
      const run = await world.run(args);
      expect(run).toMatchObject({ code: 1, stdout: '' });
      expect(run.stderr).toContain(
        `error: ${both('team/flagops.yaml')} (set name in one of them to another name, or remove the scope from one of them)\n`,
      );
    }
    world.repo.commit('Its own name', { 'team/flagops.yaml': config({ name: 'team' }, {}) });
    await world.apply();
  });

  it('looking for a second configuration starts no git process, and reading it one', async () => {
    const world = await startWorld({ files: { 'overrides/a.yaml': PRODUCTION } });
    const calls = async (files: Files, ...args: string[]): Promise<number> => {
      world.repo.commit('Next', files);
      const git = countedGit();
      const run = await world.start(['plan', ...args], { env: { PATH: git.PATH } }).done;
      expect(run.code).toBe(0);
      return git.calls();
    };
    const none = await calls({ 'settings.yaml': LISTS }, '--config', 'settings.yaml');
    expect(await calls({ 'flagops.yaml': LISTS })).toBe(none);
    expect(await calls({ 'team/flagops.yaml': config({ name: 'team' }, {}) })).toBe(none + 1);
  });
});
