import { expect, it } from 'vitest';
import { config, overrides, short, startWorld } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };
const BOTH = { ...ALICE, bob: { theme: 'dark' } };

it.concurrent('deleting the last file of a scope removes its overrides if the guard is lifted', async () => {
  const staging = { bob: { theme: 'dark' } };
  const world = await startWorld({
    files: { [FILE]: overrides(ALICE), 'overrides/s.yaml': overrides(staging, { environment: 'staging' }) },
  });
  world.applied(ALICE);
  world.applied(staging, 'staging');
  world.repo.commit('No staging', { 'overrides/s.yaml': null });
  const plan = await world.plan();
  expect(plan.run.code).toBe(4);
  expect(plan.guards.map(({ code }) => code)).toEqual(['empty-scope']);
  expect(plan.changes.map(({ environment, key }) => `${environment} ${key}`)).toEqual(['staging bob']);
  expect((await world.flagops('apply', '--yes')).code).toBe(4);
  expect(world.writes).toEqual([]);
  await world.apply('--force');
  expect(world.live('theme', 'bob', { environment: 'staging' })).toBeUndefined();
  expect(world.live('theme', 'alice')).toBe('dark');
  expect(world.ref('staging')).toBe(world.repo.head);
});

it.concurrent('declarations stay owned if files and globs move in one commit', async () => {
  const world = await startWorld({
    files: { 'flagops.yaml': config({ declarations: ['old/**/*.yaml'] }), 'old/a.yaml': overrides(BOTH) },
  });
  world.applied(BOTH);
  world.repo.commit('Move', {
    'flagops.yaml': config({ declarations: ['new/*.yaml'] }),
    'old/a.yaml': null,
    'new/b.yaml': overrides(BOTH),
  });
  expect((await world.plan()).changes).toEqual([]);
  world.repo.commit('Without Bob', { 'new/b.yaml': overrides(ALICE) });
  const plan = await world.plan();
  expect(short(plan)).toEqual(['remove theme user bob']);
  expect(plan.changes[0]?.provenance.commit?.subject).toBe('Without Bob');
});

it.concurrent('a file that the globs no longer match is no longer declared', async () => {
  const world = await startWorld({
    files: { [FILE]: overrides(ALICE), 'overrides/b.yaml': overrides({ bob: { theme: 'dark' } }) },
  });
  world.applied(BOTH);
  world.repo.commit('Only a.yaml', { 'flagops.yaml': config({ declarations: ['overrides/a.yaml'] }) });
  const plan = await world.plan();
  expect(short(plan)).toEqual(['remove theme user bob']);
  expect(plan.changes[0]?.provenance.commit?.subject).toBe('Only a.yaml');
});

it.concurrent(
  'changing the environment in a file removes its overrides there and adds them here',
  async () => {
    const world = await startWorld({
      files: {
        'overrides/keep.yaml': overrides(ALICE, { environment: 'staging' }),
        'overrides/bob.yaml': overrides({ bob: { theme: 'dark' } }, { environment: 'staging' }),
      },
    });
    world.applied(BOTH, 'staging');
    world.repo.commit('Bob goes live', { 'overrides/bob.yaml': overrides({ bob: { theme: 'dark' } }) });
    const plan = await world.plan();
    expect(plan.changes.map(({ action, environment, key }) => `${action} ${environment} ${key}`)).toEqual([
      'add production bob',
      'remove staging bob',
    ]);
    expect(new Set(plan.changes.map(({ provenance }) => provenance.commit?.subject))).toEqual(
      new Set(['Bob goes live']),
    );
  },
);

it.concurrent('a setting that a merged branch declared and withdrew is not owned', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
  world.applied(ALICE);
  world.repo.branch('topic');
  world.repo.commit('Give Bob dark', { [FILE]: overrides(BOTH) });
  world.repo.commit('Rather not', { [FILE]: overrides(ALICE) });
  world.repo.switch('main');
  world.repo.merge('topic', 'Merge topic');
  world.touch('theme', 'bob', 'dark');
  const plan = await world.plan();
  expect(plan.changes).toEqual([]);
  expect(plan.scopes[0]?.unmanaged).toEqual({ theme: 1 });
});

it.concurrent('git revert needs no rewind, and its message is the comment', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
  const changed = { alice: { theme: 'contrast' }, bob: { theme: 'dark' } };
  world.repo.commit('Contrast', { [FILE]: overrides(changed) });
  world.applied(changed);
  world.repo.revert('HEAD');
  await world.apply();
  expect(world.live('theme', 'alice')).toBe('dark');
  expect(world.live('theme', 'bob')).toBeUndefined();
  expect(world.comments).toHaveLength(2);
  expect(world.comments.every((comment) => comment.startsWith('Revert "Contrast"'))).toBe(true);
  expect(world.ref()).toBe(world.repo.head);
});

it.concurrent('a removal after an apply that failed half-way removes what that apply wrote', async () => {
  let archive: (() => void) | undefined;
  const world = await startWorld({
    simulator: {
      writeDuration: () => {
        archive?.();
        return Promise.resolve();
      },
    },
    files: { 'flagops.yaml': config({ rate: { concurrency: 1 } }), [FILE]: overrides(ALICE) },
  });
  world.applied(ALICE);
  const applied = world.repo.head;
  world.repo.commit('Give Bob two', {
    [FILE]: overrides({ ...ALICE, bob: { 'checkout-v2': true, theme: 'dark' } }),
  });
  // Changes are written in order: when checkout-v2 is written, theme is archived from outside.
  archive = () => world.simulator.archiveFlag('storefront', 'theme');
  const half = await world.flagops('apply', '--yes');
  expect(half.code).toBe(3);
  expect(half.stdout).toContain('Applied 1 of 2 changes, 1 skipped.');
  expect(half.stdout).toMatch(/skipped.*theme.*was archived since the plan was made/);
  expect(world.ref()).toBe(applied);

  archive = undefined;
  world.simulator.setFlagState('storefront', 'theme', 'live');
  world.repo.commit('Bob is done', { [FILE]: overrides(ALICE) });
  const plan = await world.plan();
  expect(short(plan)).toEqual(['remove checkout-v2 user bob']);
  expect(plan.changes[0]?.mark).toBe('pending');
});

it.concurrent('a commit that does not parse gives no ownership, with a warning', async () => {
  const world = await startWorld({ files: { [FILE]: `${overrides(BOTH)}oops: [` } });
  world.applied(BOTH);
  world.repo.commit('Fix', { [FILE]: overrides(ALICE) });
  const plan = await world.plan();
  expect(plan.changes).toEqual([]);
  expect(plan.warnings.join('\n')).toMatch(/overrides\/a\.yaml does not parse/);
});

it.concurrent('an owned override is released if HEAD excludes its flag or drops its scope', async () => {
  const staging = { bob: { theme: 'dark', 'ops-log-level': 'debug' } };
  const [production, other] = [
    { project: 'storefront', environment: 'production' },
    { project: 'storefront', environment: 'staging' },
  ];
  const world = await startWorld({
    files: {
      'flagops.yaml': config({ scopes: [production, other] }),
      [FILE]: overrides({ alice: { theme: 'dark', 'ops-log-level': 'debug' } }),
      'overrides/s.yaml': overrides(staging, { environment: 'staging' }),
    },
  });
  world.applied({ alice: { theme: 'dark', 'ops-log-level': 'debug' } });
  world.applied(staging, 'staging');
  world.repo.commit('Let go', {
    'flagops.yaml': config({ scopes: [{ ...production, flags: { exclude: ['ops-*'] } }] }),
    [FILE]: overrides(ALICE),
    'overrides/s.yaml': null,
  });
  const plan = await world.plan();
  expect(plan.changes).toEqual([]);
  expect(plan.scopes.map(({ environment, released }) => `${environment} ${released}`)).toEqual([
    'production 1',
    'staging 2',
  ]);
  await world.apply();
  expect(world.writes).toEqual([]);
});

it.concurrent('two configurations in one repository do not affect each other', async () => {
  const second = 'other/flagops.yaml';
  const world = await startWorld({
    files: {
      'flagops.yaml': config({ name: 'first', declarations: ['overrides/*.yaml'] }),
      [FILE]: overrides(ALICE),
      [second]: config({ name: 'second', declarations: ['*-overrides.yaml'] }),
      'other/x-overrides.yaml': overrides({ bob: { theme: 'dark' }, carol: { theme: 'dark' } }),
    },
  });
  await world.apply();
  const firstHead = world.repo.head;
  expect(world.live('theme', 'bob')).toBeUndefined();
  // That both may change the same scope has to be allowed once.
  expect((await world.flagops('apply', '--yes', '--config', second)).code).toBe(4);
  await world.apply('--config', second, '--allow-loosened');
  expect(world.live('theme', 'bob')).toBe('dark');
  world.repo.commit('Carol is done', { 'other/x-overrides.yaml': overrides({ bob: { theme: 'dark' } }) });
  await world.apply('--config', second);
  expect(world.live('theme', 'carol')).toBeUndefined();
  expect(world.live('theme', 'alice')).toBe('dark');
  expect(world.ref('production', 'first')).toBe(firstHead);
  expect(world.ref('production', 'second')).toBe(world.repo.head);
});
