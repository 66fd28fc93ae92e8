import { existsSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/import.schema.json' with { type: 'json' };
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import type { Run } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';
import { changeSeed } from '../support/seeds.js';
import { config, overrides, startWorld, type World, type WorldOptions } from '../support/world.js';

const HERE = ['--project', 'storefront', '--environment', 'production'];
const IMPORTED = 'overrides/production/imported.yaml';
const START = { 'README.md': 'Overrides\n' };

/** Imports with a reader token. */
const importLive = (world: World, ...args: string[]): Promise<Run> =>
  world.run(['import', ...args], { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' } });

const text = (world: World, path: string): string => readFileSync(join(world.repo.path, path), 'utf8');

/** A world in which some overrides are live that no file declares. */
async function withLive(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld({ files: START, ...options });
  for (const user of ['alice', 'bob', 'carol']) world.touch('checkout-v2', user, true);
  world.touch('theme', 'carol', 'dark');
  world.touch('checkout-v2', 'acme', true, { kind: 'organization' });
  return world;
}

describe('import writes what is live', () => {
  it.concurrent('into one file, which the next apply adopts', async () => {
    const world = await withLive();
    const run = await importLive(world, ...HERE);
    expect(run).toMatchObject({
      code: 0,
      stdout: `written  ${IMPORTED} (5 overrides of storefront/production)\n`,
    });
    expect(run.stderr).toContain('Run flagops plan: what you imported is counted as adopted, not changed');
    expect(text(world, IMPORTED))
      .toBe(`# yaml-language-server: $schema=https://flagops.dev/schemas/overrides.schema.json

project: storefront
environment: production
users:
  carol:
    checkout-v2: true
    theme: dark
groups:
  - name: "checkout-v2: true"
    users:
      - alice
      - bob
    contexts:
      organization:
        - acme
    flags:
      checkout-v2: true
`);
    world.repo.commit('Import');
    const plan = await world.plan('--detailed-exitcode');
    expect(plan).toMatchObject({ run: { code: 0 }, changes: [], scopes: [{ adopts: 5, unmanaged: {} }] });
    await world.apply();
    expect(world.writes).toEqual([]);

    const without = text(world, IMPORTED).replace('      - bob\n', '');
    world.repo.commit('Bob leaves', { [IMPORTED]: without });
    await world.apply();
    expect(world.live('checkout-v2', 'bob')).toBeUndefined();
    expect(world.live('checkout-v2', 'alice')).toBe(true);
  });

  it.concurrent('and leaves out what is declared, whatever its value', async () => {
    const mine = overrides({ alice: { 'checkout-v2': false }, carol: { theme: 'dark' } });
    const world = await withLive({ files: { [IMPORTED]: mine } });
    const before = await world.plan();
    const run = await importLive(world);
    expect(run.stdout).toBe(
      'written  overrides/production/imported-2.yaml (3 overrides of storefront/production)\n',
    );
    expect(text(world, IMPORTED)).toBe(mine);
    const after = await world.plan();
    expect(after.changes).toEqual(before.changes);
    expect(after.scopes).toMatchObject([{ adopts: 4, unmanaged: {} }]);

    const again = await importLive(world);
    expect(again).toMatchObject({ code: 0, stdout: '' });
    expect(again.stderr).toContain('Nothing to import: everything that can be declared is declared');
  });

  it.concurrent('of the selected flags and contexts only', async () => {
    const world = await withLive();
    const run = await importLive(world, ...HERE, '--flag', 'check*', '--context', '?[!o]*');
    expect(run.stdout).toContain('(2 overrides of');
    expect((await world.plan()).scopes).toMatchObject([
      { adopts: 2, unmanaged: { 'checkout-v2': 2, theme: 1 } },
    ]);
  });
});

describe('import splits the files', () => {
  it.concurrent('by flag', async () => {
    const world = await withLive();
    const run = await importLive(world, ...HERE, '--split', 'flag');
    expect(run.stdout.split('\n')).toEqual([
      'written  overrides/production/checkout-v2.yaml (4 overrides of storefront/production)',
      'written  overrides/production/theme.yaml (1 override of storefront/production)',
      '',
    ]);
    expect(await world.plan('--detailed-exitcode')).toMatchObject({ run: { code: 0 }, changes: [] });
  });

  it.concurrent('by the first pattern that a context matches', async () => {
    const world = await withLive();
    const run = await importLive(world, ...HERE, '--split', 'organization:*', '--split', '*o*');
    expect(run.stdout.split('\n')).toEqual([
      'written  overrides/production/imported.yaml (1 override of storefront/production)',
      'written  overrides/production/o.yaml (3 overrides of storefront/production)',
      'written  overrides/production/organization.yaml (1 override of storefront/production)',
      '',
    ]);
    expect(await world.plan('--detailed-exitcode')).toMatchObject({ run: { code: 0 }, changes: [] });
  });

  it.concurrent.each([
    ['flagg', 'did you mean flag?'],
    ['alcie', 'did you mean alice?'],
    ['organisation:*', 'known contexts are those that are declared, or live in the flags that were read'],
  ])('but not by %s, which no context matches', async (split, hint) => {
    const world = await withLive();
    const run = await importLive(world, ...HERE, '--split', 'bob', '--split', split);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(`--split ${split} matches no known context (${hint})`);
  });

  it.concurrent('and puts them where the configuration allows them', async () => {
    const scope = { files: ['flags/prod/*.yml', '!flags/prod/old*'] };
    const world = await withLive({
      files: { 'flagops.yaml': config({ declarations: ['flags/**/*.yml'] }, scope) },
    });
    expect((await importLive(world)).stdout).toContain('written  flags/prod/imported.yml (5');
    expect(await world.plan('--detailed-exitcode')).toMatchObject({ run: { code: 0 }, changes: [] });

    const narrow = await withLive({
      files: { 'flagops.yaml': config({}, { files: ['overrides/only-this.yaml'] }) },
    });
    const refused = await importLive(narrow);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(
      'error: no file called imported.yaml may declare for storefront/production: overrides/only-this.yaml allows none',
    );
  });

  it.concurrent('by project if several have an environment of that name', async () => {
    const seed = changeSeed(defaultSeed, {
      projects: {
        cms: {
          environments: { production: {} },
          flags: {
            editor: { environments: { production: { targets: [{ variation: 0, values: ['zoe'] }] } } },
          },
        },
      },
    });
    const world = await withLive({ simulator: { seed } });
    const run = await importLive(world, ...HERE, '--project', 'cms');
    expect(run.stdout.split('\n')).toEqual([
      'written  overrides/production/storefront-imported.yaml (5 overrides of storefront/production)',
      'written  overrides/production/cms-imported.yaml (1 override of cms/production)',
      '',
    ]);
    expect(await world.plan('--detailed-exitcode')).toMatchObject({ run: { code: 0 }, changes: [] });
  });
});

describe('import --force', () => {
  it.concurrent('replaces the file and imports again what it declared', async () => {
    const world = await withLive({
      files: {
        [IMPORTED]: overrides({ alice: { 'checkout-v2': false }, zoe: { theme: 'light' } }),
        'overrides/other.yaml': overrides({ bob: { 'checkout-v2': true } }),
      },
    });
    const run = await importLive(world, '--force');
    expect(run.stdout).toBe(`replaced ${IMPORTED} (4 overrides of storefront/production)\n`);
    expect(text(world, IMPORTED)).toContain('alice');
    expect(text(world, IMPORTED)).not.toContain('zoe');
    expect(await world.plan('--detailed-exitcode')).toMatchObject({ run: { code: 0 }, changes: [] });
  });

  it.concurrent('does not replace a file that declares for another scope, too', async () => {
    const shared = overrides({}, { environment: undefined, environments: ['staging', 'production'] });
    const world = await withLive({ files: { [IMPORTED]: shared } });
    const run = await importLive(world, ...HERE, '--force');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(`${IMPORTED} cannot be replaced: it declares for storefront/staging too`);
    expect(text(world, IMPORTED)).toBe(shared);
  });

  it.concurrent('never writes through a link', async () => {
    const elsewhere = temporaryFolder();
    for (const force of [[], ['--force']]) {
      const world = await withLive();
      mkdirSync(join(world.repo.path, 'overrides'));
      symlinkSync(elsewhere, join(world.repo.path, 'overrides/production'));
      const folder = await importLive(world, ...HERE, ...force);
      expect(folder).toMatchObject({ code: 1, stdout: '' });
      expect(folder.stderr).toContain('overrides/production');

      const dangling = await withLive();
      mkdirSync(join(dangling.repo.path, 'overrides/production'), { recursive: true });
      symlinkSync(join(elsewhere, 'x.yaml'), join(dangling.repo.path, IMPORTED));
      const file = await importLive(dangling, ...HERE, ...force);
      expect(file).toMatchObject({ code: 1, stdout: '' });
      expect(file.stderr).toContain(IMPORTED);
    }
    expect(existsSync(join(elsewhere, 'imported.yaml'))).toBe(false);
    expect(existsSync(join(elsewhere, 'x.yaml'))).toBe(false);
  });
});

it.concurrent('import lists what it leaves out, with the reason', async () => {
  const world = await withLive({
    files: {
      'flagops.yaml': config({}, { flags: { exclude: ['theme'] } }),
      'overrides/old.yaml': overrides({ alice: { 'checkout-v2': false } }, { expires: '2020-01-01' }),
    },
  });
  world.touch('search-limit', 'bob', 25);
  world.simulator.archiveFlag('storefront', 'search-limit');
  const printed = await importLive(world);
  expect(printed.code).toBe(0);
  expect(printed.stdout).toBe(`written  ${IMPORTED} (3 overrides of storefront/production)

Not imported (3 overrides):
  storefront/production  search-limit  user "bob": the flag is archived, so it serves nothing
  storefront/production  theme  user "carol": the configuration excludes the flag
  storefront/production  checkout-v2  user "alice": it is declared and expired, but another value is live
`);

  const json = await importLive(world, '--format', 'json', '--force');
  const output = JSON.parse(json.stdout) as object;
  const validate = new Ajv2020().compile(schema);
  expect(validate(output) ? [] : validate.errors).toEqual([]);
  const scope = { project: 'storefront', environment: 'production' };
  expect(output).toEqual({
    format: 'flagops-import/1',
    files: [{ path: IMPORTED, ...scope, overrides: 3, replaced: true }],
    leftOut: [
      { ...scope, flag: 'search-limit', kind: 'user', key: 'bob', reason: 'flag-archived' },
      { ...scope, flag: 'theme', kind: 'user', key: 'carol', reason: 'flag-excluded' },
      { ...scope, flag: 'checkout-v2', kind: 'user', key: 'alice', reason: 'expired' },
    ],
  });
});

it.concurrent('import says what is missing or wrong before it reads LaunchDarkly', async () => {
  const world = await startWorld({ files: START });
  const errors: readonly (readonly [string[], string])[] = [
    [[], 'nothing says which project and environment to import (pass --project and --environment'],
    [['--project', 'storefront'], 'nothing says which project and environment to import'],
    [[...HERE, '--split', 'flag', '--split', 'x'], '--split flag cannot be combined with another --split'],
    [[...HERE, '--split', ''], '--split is empty'],
    [[...HERE, '--context', '{'], 'is not closed'],
  ];
  for (const [args, message] of errors) {
    const run = await importLive(world, ...args);
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr).toContain(message);
  }
  expect(world.simulator.requests).toEqual([]);

  const unknown = await importLive(world, '--project', 'storefront', '--environment', 'producton');
  expect(unknown).toMatchObject({ code: 1, stdout: '' });
  expect(unknown.stderr).toContain('did you mean production?');
});
