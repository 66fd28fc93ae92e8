import { expect, it } from 'vitest';
import { config, overrides, short, startWorld } from '../support/world.js';

const FILE = 'overrides/a.yaml';

it.concurrent('the last applied commit decides between drift, pending and live moved too', async () => {
  const before = {
    drifted: { theme: 'dark' },
    erased: { theme: 'dark' },
    edited: { theme: 'dark' },
    both: { theme: 'dark' },
    gone: { theme: 'dark' },
    'gone-and-moved': { theme: 'dark' },
    still: { theme: 'dark' },
  };
  const world = await startWorld({ files: { [FILE]: overrides(before) } });
  world.applied(before);
  world.repo.commit('Edit', {
    [FILE]: overrides({
      drifted: { theme: 'dark' },
      erased: { theme: 'dark' },
      edited: { theme: 'light' },
      both: { theme: 'light' },
      still: { theme: 'dark' },
      fresh: { theme: 'dark' },
      adopted: { theme: 'dark' },
    }),
  });
  world.touch('theme', 'drifted', 'contrast');
  world.touch('theme', 'erased', undefined);
  world.touch('theme', 'both', 'contrast');
  world.touch('theme', 'gone-and-moved', 'contrast');
  world.touch('theme', 'adopted', 'dark');
  world.touch('theme', 'stranger', 'dark');
  const plan = await world.plan();
  expect(
    plan.changes.map(
      ({ action, key, mark, liveMoved }) => `${action} ${key}: ${mark}${liveMoved ? ', live moved too' : ''}`,
    ),
  ).toEqual([
    'update both: pending, live moved too',
    'update drifted: drift',
    'update edited: pending',
    'add erased: drift',
    'add fresh: pending',
    'remove gone: pending',
    'remove gone-and-moved: pending, live moved too',
  ]);
  expect(plan.scopes[0]).toMatchObject({ unchanged: 2, adopts: 1, unmanaged: { theme: 1 } });

  const drift = await world.flagops('drift');
  expect(drift.code).toBe(2);
  expect(drift.stdout).toMatch(/user drifted/);
  expect(drift.stdout).not.toMatch(/user fresh/);

  await world.apply();
  expect(world.live('theme', 'stranger')).toBe('dark');
  const after = await world.plan();
  expect(after.changes).toEqual([]);
  expect(after.scopes[0]).toMatchObject({ unchanged: 7, adopts: 0 });
});

it.concurrent(
  'without a ref every change is unknown; equal overrides are adopted and can be removed later',
  async () => {
    const world = await startWorld({
      files: { [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }) },
    });
    world.touch('theme', 'bob', 'dark');
    const plan = await world.plan();
    expect(plan.changes.map(({ key, mark }) => `${key} ${mark}`)).toEqual(['alice unknown']);
    expect(plan.scopes[0]).toMatchObject({ unchanged: 1, adopts: 1 });
    await world.apply();
    world.repo.commit('Bob is done', { [FILE]: overrides({ alice: { theme: 'dark' } }) });
    expect(short(await world.plan())).toEqual(['remove theme user bob']);
  },
);

it.concurrent('drift: report shows drift and applies the rest', async () => {
  const before = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
  const world = await startWorld({
    files: { 'flagops.yaml': config({}, { drift: 'report' }), [FILE]: overrides(before) },
  });
  world.applied(before);
  const applied = world.repo.head;
  world.touch('theme', 'alice', 'contrast');
  world.repo.commit('Contrast for Bob', { [FILE]: overrides({ ...before, bob: { theme: 'contrast' } }) });
  const run = await world.flagops('apply', '--yes', '--format', 'json');
  expect(run.code).toBe(0);
  expect(run.stderr).toContain('not applied: drift is only reported here');
  expect(world.live('theme', 'alice')).toBe('contrast');
  expect(world.live('theme', 'bob')).toBe('contrast');
  expect(world.ref()).toBe(applied);
  expect((await world.flagops('plan', '--detailed-exitcode')).code).toBe(2);
});

it.concurrent('a paused scope is planned and not applied', async () => {
  const world = await startWorld({
    files: {
      'flagops.yaml': config({}, { paused: 'freeze until Monday' }),
      [FILE]: overrides({ alice: { theme: 'dark' } }),
    },
  });
  const run = await world.flagops('apply', '--yes');
  expect(run.code).toBe(0);
  expect(run.stderr).toContain('paused: freeze until Monday');
  expect(run.stdout).toContain('Applied 0 of 1 change, 1 skipped.');
  expect(world.writes).toEqual([]);
  expect(world.ref()).toBeUndefined();
});

it.concurrent('an expired override is removed once and does not come back', async () => {
  const world = await startWorld({
    files: {
      [FILE]: overrides({ alice: { theme: 'dark' } }),
      'overrides/b.yaml': overrides({ bob: { theme: 'dark' } }, { expires: '2020-01-01' }),
    },
  });
  world.applied({ alice: { theme: 'dark' }, bob: { theme: 'dark' } });
  await world.apply();
  expect(world.live('theme', 'bob')).toBeUndefined();
  // With another value it was set by hand, and stays.
  world.touch('theme', 'bob', 'contrast');
  const plan = await world.plan();
  expect(plan.changes).toEqual([]);
  expect(plan.scopes[0]?.unmanaged).toEqual({ theme: 1 });
});
