import { describe, expect, it } from 'vitest';
import { config, overrides, startWorld } from '../support/world.js';
import { storefrontSeed } from '../support/seeds.js';

const FILE = 'overrides/a.yaml';

describe('writes: batch', () => {
  it.concurrent(
    'writes: batch sends one patch for each flag and commit, with the message of that commit',
    async () => {
      const first = { alice: { theme: 'dark', 'checkout-v2': true }, bob: { theme: 'dark' } };
      const world = await startWorld({
        files: { 'flagops.yaml': config({ writes: 'batch' }), [FILE]: overrides(first) },
      });
      world.repo.commit('Carol and Dave get contrast', {
        'overrides/b.yaml': overrides({ carol: { theme: 'contrast' }, dave: { theme: 'contrast' } }),
      });
      const run = await world.apply();
      expect(run.stdout).toContain('Applied 5 of 5 changes.');
      expect(world.writes.map(({ path }) => path).toSorted()).toEqual([
        '/api/v2/flags/storefront/checkout-v2',
        '/api/v2/flags/storefront/theme',
        '/api/v2/flags/storefront/theme',
      ]);
      expect(world.comments.map((comment) => comment.replace(/ \(.*/, '')).toSorted()).toEqual([
        'Carol and Dave get contrast',
        'Start',
        'Start',
      ]);
      expect(world.live('theme', 'bob')).toBe('dark');
      expect(world.live('theme', 'carol')).toBe('contrast');
      expect(world.ref()).toBe(world.repo.git('rev-parse', 'HEAD'));

      // A move, a removal and an addition in one commit are one request.
      world.simulator.forgetRequests();
      world.repo.commit('Change theme', {
        [FILE]: overrides({ alice: { theme: 'light', 'checkout-v2': true }, eve: { theme: 'dark' } }),
      });
      await world.apply('--force');
      expect(world.writes.map(({ path, status }) => `${path} ${status}`)).toEqual([
        '/api/v2/flags/storefront/theme 200',
      ]);
      expect(world.live('theme', 'alice')).toBe('light');
      expect(world.live('theme', 'bob')).toBeUndefined();
      expect((await world.flagops('plan', '--detailed-exitcode')).code).toBe(0);
    },
  );

  it.concurrent('writes: batch sets variations that a PUT cannot select', async () => {
    const files = {
      [FILE]: overrides({
        alice: { 'recommendation-model': { $variation: 'Model B' } },
        bob: { 'recommendation-model': { $variation: 0 } },
      }),
    };
    const world = await startWorld({ files });
    const put = await world.flagops('plan');
    expect(put.code).toBe(1);
    expect(put.stderr + put.stdout).toMatch(/variation-not-settable.*\n?.*writes: batch/);
    await world.apply('--batch');
    const targets = world.simulator.targets('storefront', 'production', 'recommendation-model');
    expect(targets.map(({ key, variation }) => `${key} ${variation}`).toSorted()).toEqual([
      'alice 2',
      'bob 0',
    ]);
    expect(world.writes).toHaveLength(1);
  });

  it.concurrent('plan suggests writes: batch if it saves more than a minute', async () => {
    const users = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`u${index}`, { theme: 'dark' }]),
    );
    const world = await startWorld({ files: { [FILE]: overrides(users) } });
    const run = await world.flagops('plan');
    expect(run.stdout).toContain('40 requests, at most about 70 s');
    expect(run.stdout).toContain(
      'With writes: batch (or --batch): 1 request, at most about 1 s at 5 writes per 10 s (assumed).',
    );
    expect((await world.flagops('plan', '--batch')).stdout).not.toContain('With writes: batch');
  });
});

describe('apply --check', () => {
  it.concurrent('apply --check sends dry runs, changes nothing and moves no ref', async () => {
    const world = await startWorld({
      files: { [FILE]: overrides({ alice: { theme: 'dark', 'checkout-v2': true } }) },
    });
    const run = await world.flagops('apply', '--batch', '--check');
    expect(run.stdout).toContain('LaunchDarkly would accept 2 of 2 changes.');
    expect(run.code).toBe(0);
    expect(world.writes.map(({ path }) => path).toSorted()).toEqual([
      '/api/v2/flags/storefront/checkout-v2?dryRun=true',
      '/api/v2/flags/storefront/theme?dryRun=true',
    ]);
    expect(world.live('theme', 'alice')).toBeUndefined();
    expect(world.ref()).toBeUndefined();
  });

  it.concurrent('apply --check exits with 5 if an approval would be required', async () => {
    const world = await startWorld({
      simulator: { seed: storefrontSeed({ environments: { production: { requireApprovals: true } } }) },
      files: {
        'flagops.yaml': config({ writes: 'auto' }),
        [FILE]: overrides({ alice: { theme: 'dark' } }),
      },
    });
    const run = await world.flagops('apply', '--check');
    expect(run.stdout).toContain('theme requires approval in production');
    expect(run.code).toBe(5);
  });

  it.concurrent('apply --check exits with 1 if a change would be refused', async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
    const reader = { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' } };
    const run = await world.run(['apply', '--batch', '--check'], reader);
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(
      'theme in storefront/production: 1 change denied (403 forbidden: Access to the requested resource was denied): the token needs updateTargets',
    );
  });

  it.concurrent('apply --check is refused for a plan that uses PUTs', async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
    const run = await world.flagops('apply', '--check');
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('pass --batch too');
    expect(world.writes).toEqual([]);
  });
});
