import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/edit.schema.json' with { type: 'json' };
import { config, overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const TOP = 'project: storefront\nenvironment: production\n';

const text = (world: World, path = FILE): string => readFileSync(join(world.repo.path, path), 'utf8');

describe('release', () => {
  it.concurrent(
    'lets an override stay live and unmanaged, from its declaration to its deletion',
    async () => {
      const world = await startWorld({
        files: {
          [FILE]: `${TOP}users:\n  alice: { theme: dark, checkout-v2: true } # VIP\n  bob: { theme: dark }\n`,
        },
      });
      await world.apply();

      const released = await world.flagops('release', 'alice', 'theme', '--commit');
      expect(released.code, released.stderr).toBe(0);
      expect(released.stdout).toContain(
        '-  alice: { theme: dark, checkout-v2: true } # VIP\n' +
          '+  alice: { theme: { $value: dark, manage: keep }, checkout-v2: true } # VIP\n',
      );
      expect(released.stdout).toContain('No difference: live matches the declarations.\n');
      expect(released.stdout).toMatch(/\ncommitted [0-9a-f]{7} Release theme of alice\n$/);
      expect(released.stderr).toContain(
        'Next: push the commit, and open a pull request.\n' +
          'Once that is applied, delete the declaration: flagops unset alice theme\n' +
          'The override stays live, and is no longer managed.\n',
      );
      await world.apply();

      const again = await world.flagops('release', 'alice', 'theme', '--commit');
      expect(again.stdout).toBe(
        'unchanged (already released)\nTo delete the declaration: flagops unset alice theme\n',
      );

      const unset = await world.flagops('unset', 'alice', 'theme', '--commit');
      expect(unset.code, unset.stderr).toBe(0);
      expect((await world.plan()).scopes[0]).toMatchObject({ released: 1, unmanaged: { theme: 1 } });
      const writes = world.writes.length;
      await world.apply();
      expect(world.writes).toHaveLength(writes);
      expect(world.live('theme', 'alice')).toBe('dark');
      expect((await world.plan()).scopes[0]).toMatchObject({ released: 0, unmanaged: { theme: 1 } });

      // What was not released is still removed.
      await world.flagops('unset', 'bob', '--commit');
      await world.apply();
      expect(world.live('theme', 'bob')).toBeUndefined();
      expect(world.live('theme', 'alice')).toBe('dark');
    },
  );

  it.concurrent(
    'releases everything of a context, takes it out of its groups, and edits every file that declares it',
    async () => {
      const groups =
        'groups:\n  - { name: qa, users: [alice, bob], flags: { search-limit: 25 }, manage: create }\n';
      const world = await startWorld({
        files: {
          [FILE]: `${TOP}users:\n  alice:\n    theme: dark\n    banner: null\n${groups}`,
          'overrides/b.yaml': `${TOP}expires: 2099-01-01\nusers:\n  alice: { checkout-v2: { $variation: 0 } }\n`,
        },
      });
      const { code, stdout, stderr } = await world.flagops('release', 'alice', '--format', 'json');
      expect(code, stderr).toBe(0);
      expect(text(world)).toBe(
        `${TOP}users:\n  alice:\n    theme: { $value: dark, manage: keep }\n    banner: null\n` +
          '    search-limit: { $value: 25, manage: none }\n' +
          groups.replace('[alice, bob]', '[bob]'),
      );
      expect(text(world, 'overrides/b.yaml')).toContain('{ checkout-v2: { $variation: 0, manage: keep } }');
      const report = JSON.parse(stdout) as { readonly notes: readonly string[]; readonly overrides: unknown };
      expect(new Ajv2020().compile(schema)(report)).toBe(true);
      expect(report.overrides).toMatchObject([
        { flag: 'theme', path: FILE },
        { flag: 'search-limit', path: FILE },
        { flag: 'checkout-v2', path: 'overrides/b.yaml' },
      ]);
      expect(report.notes).toEqual([
        `alice leaves the group "qa" at ${FILE}:8:3, and keeps its other settings; 1 other member stays`,
        'the date of checkout-v2 at overrides/b.yaml:3:10, 2099-01-01, no longer removes it',
        'banner is null: there is no override to release',
      ]);
    },
  );

  it.concurrent('does not change a value that create leaves to others', async () => {
    const world = await startWorld({
      files: { [FILE]: overrides({ alice: { theme: 'dark' } }, { manage: 'create' }) },
    });
    world.touch('theme', 'alice', 'contrast');
    await world.flagops('release', 'alice', '--commit');
    await world.apply();
    expect(world.live('theme', 'alice')).toBe('contrast');
    expect(text(world)).toContain('manage: none');
  });

  it.concurrent.each(['create', 'none'])(
    'writes none for several scopes if one of them has manage: %s, and names the dates that stay',
    async (manage) => {
      const scope = { project: 'storefront', expiry: 'launchdarkly' };
      const scopes = [
        { ...scope, environment: 'staging', manage },
        { ...scope, environment: 'production' },
      ];
      const world = await startWorld({
        files: {
          'flagops.yaml': config({ scopes }),
          [FILE]:
            'project: storefront\nenvironments: [staging, production]\nusers:\n  alice: { theme: { $value: dark, expires: 2099-01-01 } }\n',
        },
      });
      await world.apply();
      world.touch('theme', 'alice', 'contrast', { environment: 'staging' });
      const { code, stdout, stderr } = await world.flagops(
        'release',
        'alice',
        '--environment',
        '*',
        '--commit',
      );
      expect(code, stderr).toBe(0);
      expect(text(world)).toContain('alice: { theme: { $value: dark, expires: 2099-01-01, manage: none } }');
      expect(stdout).toContain(
        `note: the date of theme at ${FILE}:4:44, 2099-01-01, still removes it if LaunchDarkly has that date: remove it there\n`,
      );
      await world.apply();
      expect(world.live('theme', 'alice', { environment: 'staging' })).toBe('contrast');
    },
  );

  it.concurrent.each<[string, Readonly<Record<string, string>>, readonly string[], RegExp]>([
    [
      'a scope that removes what is not declared',
      { 'flagops.yaml': config({}, { prune: 'environment' }) },
      ['alice'],
      /prune: environment in storefront\/production removes .*\(keep the declaration with manage: none, or change prune to owned\)/,
    ],
    [
      'null',
      { [FILE]: overrides({ alice: { theme: null } }) },
      ['alice', 'theme'],
      /theme is null for alice at overrides\/a\.yaml:5:5: there is no override to release \(delete/,
    ],
    ['what is not declared', {}, ['carol'], /nothing declares carol in storefront\/production/],
  ])('refuses %s', async (_, files, args, message) => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }), ...files } });
    const before = text(world);
    const { code, stderr } = await world.flagops('release', ...args);
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    expect(text(world)).toBe(before);
  });

  it.concurrent(
    'names the selected scope in the next step, quoted for a shell, and not after a dry run',
    async () => {
      const declaring = (environment: string): string =>
        `project: storefront\nenvironment: ${environment}\nusers: { "o'neil": { theme: dark } }\n`;
      const world = await startWorld({
        files: {
          'overrides/production.yaml': declaring('production'),
          'overrides/staging.yaml': declaring('staging'),
        },
      });
      const refused = await world.flagops('release', "o'neil");
      expect(refused.stderr).toContain('there are several scopes');
      const args = ['release', "o'neil", '--environment', 'stag*'];
      expect((await world.flagops(...args, '--dry-run')).stderr).not.toContain('unset');
      expect((await world.flagops(...args)).stderr).toContain(
        String.raw`flagops unset 'o'\''neil' --environment 'stag*'` + '\n',
      );
    },
  );
});
