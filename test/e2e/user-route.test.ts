import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { config, overrides, type Settings, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const GONE = { simulator: { userRoutes: false } } as const;
const DAY = 24 * 3_600_000;

const users = (theme: string): Settings => ({
  alice: { theme, 'checkout-v2': true },
  bob: { theme },
  carol: { theme },
});

/** Returns how many writes the simulator received on each route, and clears its log. */
function seen(world: World): { readonly users: number; readonly contexts: number } {
  const paths = world.writes.map(({ path }) => path);
  world.simulator.forgetRequests();
  return {
    users: paths.filter((path) => path.startsWith('/api/v2/users/')).length,
    contexts: paths.filter((path) => path.includes('/contexts/user/')).length,
  };
}

it.concurrent(
  'apply succeeds if LaunchDarkly has removed the user route, and the clone remembers that for a day',
  async () => {
    const world = await startWorld({ ...GONE, files: { [FILE]: overrides(users('dark')) } });
    const first = await world.apply();
    expect(first.stdout).toContain('Applied 4 of 4 changes.');
    expect(first.stdout).toContain('Read back 4 changes: all are live.');
    expect(world.ref()).toBe(world.repo.head);
    expect(seen(world)).toEqual({ users: 1, contexts: 4 });

    world.repo.commit('Light', { [FILE]: overrides(users('light')) });
    // The estimate now uses the limit of the context route.
    expect((await world.flagops('plan', '--force')).stdout).toContain(
      'at 9,000 writes per 10 s (as last seen).',
    );
    await world.apply('--force');
    expect(seen(world)).toEqual({ users: 0, contexts: 3 });

    const file = join(world.repo.path, '.git/flagops/limits.json');
    const kept = JSON.parse(readFileSync(file, 'utf8')) as {
      hosts: Record<string, { userRouteGoneAt: number }>;
    };
    const [host] = Object.keys(kept.hosts);
    const entry = kept.hosts[host ?? ''];
    if (entry === undefined) throw new Error('nothing was remembered');
    writeFileSync(
      file,
      JSON.stringify({ hosts: { [host ?? '']: { ...entry, userRouteGoneAt: entry.userRouteGoneAt - DAY } } }),
    );
    world.repo.commit('Contrast', { [FILE]: overrides(users('contrast')) });
    await world.apply('--force');
    expect(seen(world)).toEqual({ users: 1, contexts: 3 });
    const after = JSON.parse(readFileSync(file, 'utf8')) as typeof kept;
    expect(after.hosts[host ?? '']?.userRouteGoneAt).toBeGreaterThanOrEqual(entry.userRouteGoneAt);
  },
);

it.concurrent(
  'shards that start together without knowing that the user route is gone all succeed',
  async () => {
    const world = await startWorld({ ...GONE, files: { [FILE]: overrides(users('dark')) } });
    const shards = await Promise.all(
      ['1/2', '2/2'].map((shard) => world.flagops('apply', '--yes', '--shard', shard)),
    );
    expect(shards.map(({ code }) => code)).toEqual([0, 0]);
    const { users: asked, contexts } = seen(world);
    expect(asked).toBeLessThanOrEqual(2);
    expect(contexts).toBe(4);
    expect((await world.apply()).stdout).toContain('Nothing to apply');
  },
);

it.concurrent(
  'with api: users a missing user route is one error that says what to set, and nothing is written',
  async () => {
    const world = await startWorld({
      ...GONE,
      files: { 'flagops.yaml': config({ api: 'users' }), [FILE]: overrides(users('dark')) },
    });
    const run = await world.flagops('apply', '--yes');
    expect(run.code).toBe(1);
    expect(run.stdout).toContain('\nskipped  3 changes: not started: LaunchDarkly no longer serves');
    expect(run.stdout.match(/^failed .*$/gm)).toEqual([
      expect.stringContaining(
        'no longer serves PUT /api/v2/users/... (404); set api: auto or api: contexts in flagops.yaml',
      ),
    ]);
    expect(seen(world)).toEqual({ users: 1, contexts: 0 });
    world.repo.commit('Switch', { 'flagops.yaml': config({ api: 'contexts' }) });
    await world.apply();
    expect(seen(world)).toEqual({ users: 0, contexts: 4 });
  },
);

it.concurrent('apply --check uses neither the user route nor the context route', async () => {
  const world = await startWorld({
    ...GONE,
    files: { 'flagops.yaml': config({ writes: 'auto' }), [FILE]: overrides(users('dark')) },
  });
  const run = await world.flagops('apply', '--check');
  expect(run).toMatchObject({
    code: 0,
    stdout: expect.stringContaining('LaunchDarkly would accept 4 of 4 changes.'),
  });
  expect(seen(world)).toEqual({ users: 0, contexts: 0 });
  // One patch for theme, and one PUT for the only change of the other flag.
  await world.apply();
  expect(seen(world)).toEqual({ users: 1, contexts: 1 });
});
