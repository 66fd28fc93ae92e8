import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import schema from '../../schemas/edit.schema.json' with { type: 'json' };
import { runCli } from '../support/cli.js';
import { createRepository } from '../support/repository.js';
import { config, startWorld, type World, type WorldOptions } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const TOP = 'project: storefront\nenvironment: production\n';

/** Of the default seed, `theme` serves "light" to everyone, `summer-sale` is archived, and the others have an effect. */
const TEXT = `${TOP}users:
  alice: { checkout-v2: true, theme: light } # stays, in part
  bob: { summer-sale: true }
  # Carol's demo
  carol: { checkout-v2: { $value: true, expires: "2020-01-01" } }

# The end.
`;

const text = (world: World, path = FILE): string => readFileSync(join(world.repo.path, path), 'utf8');

async function untidy(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld({ files: { [FILE]: TEXT }, ...options });
  world.applied({ alice: { 'checkout-v2': true, theme: 'light' }, bob: { 'summer-sale': true } });
  return world;
}

describe('tidy', () => {
  it.concurrent(
    'removes what is no longer needed with a commit for each reason, and nothing is served differently',
    async () => {
      const world = await untidy();
      const tidied = await world.flagops('tidy', '--commit');
      expect(tidied, tidied.stderr).toMatchObject({ code: 0 });
      expect(text(world)).toBe(
        `${TOP}users:\n  alice: { checkout-v2: true } # stays, in part\n\n# The end.\n`,
      );
      expect(tidied.stdout).toContain('-  bob: { summer-sale: true }\n');
      expect(tidied.stdout).toContain('  - theme  user alice  was "light" ');
      expect(tidied.stdout).toMatch(
        /\nchanged {2}overrides\/a\.yaml\ncommitted [0-9a-f]{7} Remove 1 override that expired\ncommitted [0-9a-f]{7} Remove 1 override without effect\ncommitted [0-9a-f]{7} Remove 1 override of archived flags\n$/,
      );
      expect(world.repo.git('log', '-3', '--format=%B')).toBe(
        ['of archived flags', 'without effect', 'that expired']
          .map((why, index) => {
            const line = ['summer-sale for bob', 'theme for alice', 'checkout-v2 for carol'][index] ?? '';
            return `Remove 1 override ${why}\n\n- ${line} in storefront/production\n`;
          })
          .join('\n'),
      );
      expect(world.repo.git('show', '--format=', 'HEAD~2')).not.toContain('-  bob');
      expect(world.repo.git('status', '--porcelain')).toBe('');

      await world.apply();
      // LaunchDarkly does not change archived flags; alice is served "light" by the default rule.
      expect(world.writes.map(({ path }) => path)).toEqual([
        '/api/v2/users/storefront/production/alice/flags/theme',
      ]);
      expect(world.live('checkout-v2', 'alice')).toBe(true);
      expect(world.live('summer-sale', 'bob')).toBe(true);
      expect(await world.flagops('tidy', '--commit')).toMatchObject({
        code: 0,
        stdout: 'Nothing to tidy.\n',
      });
    },
  );

  it.concurrent('removes only for the reasons that are asked for, and describes it as JSON', async () => {
    const world = await untidy();
    const tidied = await world.flagops('tidy', '--archived', '--format', 'json', '--dry-run');
    const output = JSON.parse(tidied.stdout) as unknown;
    const validate = new Ajv2020().compile(schema);
    expect(validate(output), JSON.stringify(validate.errors)).toBe(true);
    expect(output).toMatchObject({
      dryRun: true,
      overrides: [{ flag: 'summer-sale', kind: 'user', key: 'bob', path: FILE, reason: 'archived' }],
      files: [{ path: FILE, diff: expect.stringContaining('-  bob: { summer-sale: true }\n') as string }],
    });
    await world.flagops('tidy', '--no-effect');
    expect(text(world)).toBe(TEXT.replace(', theme: light', ''));
  });

  it.concurrent('removes expired declarations without a token, and needs one for the rest', async () => {
    const repo = createRepository();
    repo.commit('Start', { [FILE]: TEXT });
    const run = (...args: string[]): ReturnType<typeof runCli> =>
      runCli(['tidy', ...args], { cwd: repo.path });
    expect(await run()).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('LAUNCHDARKLY_ACCESS_TOKEN is not set') as string,
    });
    repo.commit('Copy', { 'overrides/copy.yaml': TEXT });
    expect((await run('--expired')).code).toBe(0);
    expect(readFileSync(join(repo.path, 'overrides/copy.yaml'), 'utf8')).not.toContain('carol');
    expect(readFileSync(join(repo.path, FILE), 'utf8')).toBe(TEXT.replace(/ {2}# Carol's.*\n.*\n/, ''));
  });

  it.concurrent('lets a flag be archived that blocks every plan', async () => {
    const world = await startWorld({
      files: { [FILE]: `${TOP}users:\n  bob: { summer-sale: true, theme: dark }\n` },
    });
    expect((await world.flagops('plan')).stderr).toContain('summer-sale is archived');
    expect((await world.flagops('tidy', '--commit')).code).toBe(0);
    expect((await world.flagops('plan')).code).toBe(0);
  });
});

describe('tidy keeps a declaration', () => {
  const expired = `${TOP}users:\n  carol: { theme: { $value: dark, expires: "2020-01-01" } }\n`;

  it.concurrent('that expired, if another value is live, which would become removable', async () => {
    const world = await startWorld({ files: { [FILE]: expired } });
    world.applied({ carol: { theme: 'contrast' } });
    const tidied = await world.flagops('tidy');
    expect(tidied.stdout).toBe(
      'Nothing to tidy.\n\nnote: kept theme in storefront/production for user "carol": another value is live, which the next apply might remove\n',
    );
    expect(text(world)).toBe(expired);
  });

  it.concurrent('that expired and is still live, if nothing would remove it', async () => {
    const files = { [FILE]: expired, 'flagops.yaml': config({}, { prune: 'never' }) };
    const world = await startWorld({ files });
    world.applied({ carol: { theme: 'dark' } });
    expect((await world.flagops('tidy')).stdout).toContain('with prune: never nothing would remove it');
    const offline = await world.run(['tidy', '--expired'], { env: { LAUNCHDARKLY_ACCESS_TOKEN: undefined } });
    expect(offline.stdout).toContain('it may still be live');
    expect(text(world)).toBe(expired);
    await world.apply('--force');
    await world.flagops('tidy');
    expect(text(world)).toBe(TOP);
  });

  it.concurrent(
    'without effect that was not applied yet, or has an effect in another environment',
    async () => {
      const pending = `${TOP}users:\n  alice: { theme: light }\n`;
      const world = await startWorld({ files: { [FILE]: pending } });
      world.touch('theme', 'alice', 'dark');
      expect((await world.flagops('tidy')).stdout).toContain(
        'what is live is not what is declared; apply first',
      );
      world.touch('theme', 'alice', undefined);
      const both =
        'project: storefront\nenvironments: [staging, production]\nusers:\n  alice: { checkout-v2: false, theme: light }\n';
      world.repo.commit('Both', { [FILE]: both });
      const tidied = await world.flagops('tidy', '--environment', 'production');
      expect(tidied.stdout).toContain('its file declares it for another environment too');
      expect(text(world)).toBe(both);
    },
  );
});
