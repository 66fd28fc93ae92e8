import { expect, it } from 'vitest';
import { config, overrides, type Settings, startWorld, type World } from '../support/world.js';

// What docs/rollback.md describes.

const FILE = 'overrides/a.yaml';
const CONFIG = 'flagops.yaml';
const SCOPE = { limits: { updates: '10%', removals: '10%' } };

/** `theme` for ten users. */
function themes(theme: string): Settings {
  return Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`u${index}`, { theme }]));
}

const commitStaged = (world: World, ...args: string[]): string =>
  world.repo.git('commit', '--quiet', '--all', '--author', 'Ada <ada@example.com>', ...args);

/** A world in which a large change was accepted in review and applied. Returns its commit, too. */
async function afterLargeChange(): Promise<{ world: World; bad: string }> {
  const world = await startWorld({
    files: { [FILE]: overrides(themes('dark')), [CONFIG]: config({}, SCOPE) },
  });
  world.applied(themes('dark'));
  world.repo.write({ [FILE]: overrides(themes('light')) });
  const { fingerprint } = await world.plan();
  const bad = world.repo.commit('All light', { [CONFIG]: config({ accept: [fingerprint] }, SCOPE) });
  await world.apply();
  expect(world.live('theme', 'u0')).toBe('light');
  return { world, bad };
}

it.concurrent('a revert of a large change and its accept line are one commit', async () => {
  const { world, bad } = await afterLargeChange();
  world.repo.git('revert', '--no-commit', bad);
  const plan = await world.flagops('plan');
  expect(plan.code).toBe(4);
  expect(plan.stdout).toContain('refused: storefront/production: 10 of 10 live overrides would be updated');
  expect(plan.stdout).toContain('not committed: apply refuses uncommitted edits');
  const fingerprint = /^Fingerprint: (\w+)$/m.exec(plan.stdout)?.[1] ?? '';
  world.repo.write({ [CONFIG]: config({ accept: [fingerprint] }, SCOPE) });
  commitStaged(world, '-m', 'Revert "All light"');

  const accepted = await world.plan();
  expect(accepted.run.code).toBe(0);
  expect(accepted.guards).toMatchObject([
    { code: 'updates', lifted: true, liftedBy: 'accepted in flagops.yaml' },
  ]);
  expect(accepted.fingerprint).toBe(fingerprint);
  const applied = await world.apply();
  expect(applied.stdout).toContain('Applied 10 of 10 changes');
  expect(world.live('theme', 'u0')).toBe('dark');
  expect(world.ref()).toBe(world.repo.head);
  expect(world.comments.at(-1)).toContain('Revert "All light"');
});

it.concurrent('the accept line can be amended to a revert, and the revert can be reverted', async () => {
  const { world, bad } = await afterLargeChange();
  world.repo.revert(bad);
  const refused = await world.plan();
  expect(refused.run.code).toBe(4);
  world.repo.write({ [CONFIG]: config({ accept: [refused.fingerprint] }, SCOPE) });
  commitStaged(world, '--amend', '--no-edit');
  await world.apply();
  expect(world.live('theme', 'u0')).toBe('dark');

  // This brings back the first accept line, and the plan that it accepts.
  world.repo.revert(world.repo.head);
  const again = await world.plan();
  expect(again.guards).toMatchObject([{ code: 'updates', lifted: true }]);
  await world.apply();
  expect(world.live('theme', 'u0')).toBe('light');
  expect(world.ref()).toBe(world.repo.head);
});

it.concurrent('a revert that also takes the limits back is judged by those that were applied', async () => {
  const world = await startWorld({
    files: { [FILE]: overrides(themes('dark')), [CONFIG]: config({}, { limits: { updates: '100%' } }) },
  });
  world.applied(themes('dark'));
  const bad = world.repo.commit('All light, and strict', {
    [FILE]: overrides(themes('light')),
    [CONFIG]: config({}, SCOPE),
  });
  await world.apply('--force');
  world.repo.revert(bad);
  const refused = await world.plan();
  expect(refused.guards).toMatchObject([{ code: 'updates', judgedBy: 'last-applied', lifted: false }]);
  const accept = [refused.fingerprint];
  world.repo.write({ [CONFIG]: config({ accept }, { limits: { updates: '100%' } }) });
  commitStaged(world, '--amend', '--no-edit');
  await world.apply();
  expect(world.live('theme', 'u0')).toBe('dark');
});

it.concurrent('an accept line does not let another plan through', async () => {
  const { world, bad } = await afterLargeChange();
  world.repo.revert(bad);
  const { fingerprint } = await world.plan();
  world.repo.write({ [CONFIG]: config({ accept: [fingerprint] }, SCOPE) });
  commitStaged(world, '--amend', '--no-edit');
  world.touch('theme', 'u0', 'dark');
  const plan = await world.plan();
  expect(plan.run.code).toBe(4);
  expect(plan.fingerprint).not.toBe(fingerprint);
});
