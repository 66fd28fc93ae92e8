import { expect, it } from 'vitest';
import { overrides, short, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const LIVE = {
  alice: { theme: 'light', 'checkout-v2': true },
  bob: { 'summer-sale': true },
};

/** Of the default seed, `theme` serves "light" to everyone, `summer-sale` is archived, and the others have an effect. */
async function applied(): Promise<World> {
  const world = await startWorld({ files: { [FILE]: overrides(LIVE) } });
  world.applied(LIVE);
  world.touch('theme', 'stranger', 'light');
  return world;
}

const listed = async (world: World): Promise<string> => (await world.flagops('list', '--no-effect')).stdout;

it.concurrent('overrides without effect are counted and listed, and stay as they are', async () => {
  const world = await applied();
  const plan = await world.plan();
  expect(plan.run.code).toBe(0);
  expect(plan.changes).toEqual([]);
  expect(plan.scopes).toMatchObject([{ unchanged: 3, noEffect: 2, unmanaged: { theme: 1 } }]);
  expect((await world.flagops('plan')).stdout).toContain(
    '2 declared overrides have no effect: flagops list --no-effect\n',
  );
  expect((await world.flagops('plan', '--format', 'markdown')).stdout).toContain(
    '- 2 declared overrides have no effect: flagops list --no-effect\n',
  );

  const list = await listed(world);
  expect(list).toContain('summer-sale  user bob  true\n');
  expect(list).toMatch(/summer-sale .*\n.* · no effect: the flag is archived\n/);
  expect(list).toMatch(/user alice .*\n.* · no effect: the default rule serves the same variation\n/);
  expect(list).toMatch(
    /user stranger .*\[unmanaged\]\n +no effect: the default rule serves the same variation\n/,
  );
  expect(list).toContain('\n3 overrides: 2 declared, 1 unmanaged.\n');
  const markdown = await world.flagops('list', '--no-effect', '--format', 'markdown');
  expect(markdown.stdout).toContain('| unmanaged; no effect: the default rule serves the same variation |\n');

  await world.apply();
  expect(world.writes).toEqual([]);
  expect(world.ref()).toBe(world.repo.git('rev-parse', 'HEAD'));
});

it.concurrent(
  'a change without effect is marked in the plan and in drift, and is made all the same',
  async () => {
    const world = await applied();
    world.touch('theme', 'alice', 'dark');
    const drift = await world.flagops('drift');
    expect(drift.code).toBe(2);
    expect(drift.stdout).toContain('  declared "light"  live "dark"  [will have no effect]  ');
    expect(drift.stdout).toContain(
      '\n[will have no effect] the default rule of the flag serves the declared variation\n',
    );

    world.repo.commit('Carol', { [FILE]: overrides({ ...LIVE, carol: { theme: 'light' } }) });
    const plan = await world.plan();
    expect(short(plan)).toEqual(['update theme user alice', 'add theme user carol']);
    expect(plan.changes.map(({ warnings }) => warnings)).toEqual([['no-effect'], ['no-effect']]);
    const markdown = await world.flagops('plan', '--format', 'markdown');
    expect(markdown.stdout).toContain(
      'the override will have no effect: the default rule serves the same variation',
    );
    await world.apply();
    expect([world.live('theme', 'alice'), world.live('theme', 'carol')]).toEqual(['light', 'light']);

    // Once another kind of context is targeted with another variation, that target could decide instead.
    world.touch('theme', 'acme', 'dark', { kind: 'organization' });
    expect(await listed(world)).toContain('\n1 override: 1 declared, 0 unmanaged.\n');
  },
);
