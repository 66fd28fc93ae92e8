import { expect, it } from 'vitest';
import type { Json } from '../../src/json/json.js';
import { config, overrides, short, startWorld, type Settings } from '../support/world.js';

const FILE = 'overrides/a.yaml';

/** `theme` for users `u0`, `u1` ... */
function themes(values: readonly Json[]): Settings {
  return Object.fromEntries(values.map((theme, index) => [`u${index}`, { theme }]));
}

it.concurrent(
  'plan and apply refuse too many updates, removals and changes, and say how many there are',
  async () => {
    const before = themes(Array<Json>(10).fill('dark'));
    const world = await startWorld({ files: { [FILE]: overrides(before) } });
    world.applied(before);
    world.repo.commit('A lot', {
      'flagops.yaml': config({}, { limits: { changes: 7 } }),
      [FILE]: overrides(themes(['light', 'light', 'light', 'light', 'dark', 'dark'])),
    });
    const plan = await world.flagops('plan');
    expect(plan.code).toBe(4);
    const messages = [
      'refused: storefront/production: 4 of 10 live overrides would be updated (40%, limit 30%) (lifted by --force, or changing limits.updates in the configuration and applying that on its own first)',
      'refused: storefront/production: 4 of 10 live overrides would be removed (40%, limit 30%) (lifted by --force, or changing limits.removals in the configuration and applying that on its own first)',
      "refused: storefront/production: 8 changes, limit 7 according to HEAD's configuration (lifted by --force, or limits.changes in the configuration)",
    ];
    for (const message of messages) expect(plan.stdout).toContain(message);
    // A filter does not change the result: guards check the whole scope.
    const apply = await world.flagops('apply', '--yes', '--context', 'u0');
    expect(apply.code).toBe(4);
    for (const message of messages) expect(apply.stdout).toContain(message);
    expect(world.writes).toEqual([]);
    // With the removals held back, only the updates are too many.
    const held = await world.plan('--no-removals');
    expect(held.guards.map(({ code }) => code)).toEqual(['updates']);

    await world.apply('--force');
    expect(world.writes).toHaveLength(8);
  },
);

it.concurrent('overrides that a commit adopts do not make its removals a smaller share', async () => {
  const before = themes(Array<Json>(12).fill('dark'));
  const world = await startWorld({ files: { [FILE]: overrides(before) } });
  world.applied(before);
  const others = Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [`other${index}`, { theme: 'dark' }]),
  );
  for (const key of Object.keys(others)) world.touch('theme', key, 'dark');
  world.repo.commit('Adopt many, drop most of ours', {
    [FILE]: overrides({ ...themes(['dark', 'dark']), ...others }),
  });
  const plan = await world.plan();
  expect(plan.run.code).toBe(4);
  expect(plan.guards.map(({ message }) => message)).toEqual([
    'storefront/production: 10 of 12 live overrides would be removed (83%, limit 30%)',
  ]);
});

it.concurrent('with prune: environment the limits are a share of all live overrides', async () => {
  const world = await startWorld({
    files: {
      'flagops.yaml': config({}, { prune: 'environment' }),
      [FILE]: overrides({ alice: { theme: 'dark' } }),
    },
  });
  world.applied({ alice: { theme: 'dark' } });
  for (let index = 0; index < 11; index += 1) world.touch('theme', `other${index}`, 'dark');
  const plan = await world.plan();
  expect(plan.run.code).toBe(4);
  expect(plan.guards.map(({ message }) => message)).toEqual([
    'storefront/production: 11 of 12 live overrides would be removed (92%, limit 30%)',
  ]);
});

it.concurrent('removing all owned overrides is refused, even if there are few', async () => {
  const before = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
  const world = await startWorld({ files: { [FILE]: overrides(before) } });
  world.applied(before);
  world.repo.commit('Remove all', { [FILE]: overrides({ alice: { theme: null } }) });
  const plan = await world.plan();
  expect(plan.run.code).toBe(4);
  expect(plan.guards.map(({ code }) => code)).toEqual(['none-left']);
  expect((await world.flagops('apply', '--yes', '--no-removals')).code).toBe(0);
  expect(world.writes).toEqual([]);
});

it.concurrent(
  'protected overrides are never changed, even with --force, and one refused scope stops all scopes',
  async () => {
    const protect = { flags: ['kill-switch-*'], contexts: ['user:ceo@*', 'device:*'] };
    const world = await startWorld({
      files: {
        'flagops.yaml': config({
          scopes: [
            { project: 'storefront', environment: 'production', protect },
            { project: 'storefront', environment: 'staging' },
          ],
        }),
        [FILE]: overrides({ alice: { theme: 'dark' } }, { environment: 'staging' }),
        'overrides/p.yaml': overrides(
          { 'ceo@example.com': { theme: 'dark' }, bob: { theme: 'dark', 'kill-switch-payments': false } },
          { contexts: { device: { k1: { theme: 'dark' } } } },
        ),
      },
    });
    const refused = await world.flagops('apply', '--yes', '--force');
    expect(refused.code).toBe(4);
    expect(refused.stdout).toMatch(
      /refused: storefront\/production: .* and 2 more are protected .*--force does not/,
    );
    const protectedLines = refused.stdout.split('\n').filter((line) => line.includes('  [protected]  '));
    expect(protectedLines.map((line) => line.trim().split('  ').slice(0, 2).join(' '))).toEqual([
      '+ kill-switch-payments user bob',
      '+ theme device k1',
      '+ theme user ceo@example.com',
    ]);
    expect(refused.stdout).toMatch(/\nNext: .* change protect in flagops\.yaml first\.\n$/);
    expect(world.writes).toEqual([]);
  },
);

it.concurrent(
  'no matching file is an error; with --allow-empty and --force the scopes are emptied',
  async () => {
    const before = { alice: { theme: 'dark' } };
    const world = await startWorld({ files: { [FILE]: overrides(before) } });
    world.applied(before);
    world.repo.commit('Nothing left', { [FILE]: null });
    for (const command of ['plan', 'apply', 'validate']) {
      const run = await world.flagops(command);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(/^error: no file matches overrides.*--allow-empty/m);
    }
    const plan = await world.plan('--allow-empty');
    expect(plan.run.code).toBe(4);
    expect(short(plan)).toEqual(['remove theme user alice']);
    await world.apply('--allow-empty', '--force');
    expect(world.live('theme', 'alice')).toBeUndefined();
  },
);
