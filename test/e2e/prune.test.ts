import { expect, it } from 'vitest';
import { config, overrides, short, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';

/** Alice and Bob were applied; then Bob's declaration was removed, and Alice and Zoe got overrides by hand. */
async function pruneWorld(prune: string): Promise<World> {
  const before = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
  const world = await startWorld({
    files: { 'flagops.yaml': config({}, { prune }), [FILE]: overrides(before) },
  });
  world.applied(before);
  world.touch('checkout-v2', 'alice', true);
  world.touch('theme', 'zoe', 'contrast');
  return world;
}

const REMOVED = {
  never: [],
  owned: ['remove theme user bob'],
  contexts: ['remove checkout-v2 user alice', 'remove theme user bob'],
  environment: ['remove checkout-v2 user alice', 'remove theme user bob', 'remove theme user zoe'],
} as const;

it.concurrent.each(Object.entries(REMOVED))(
  'prune: %s removes exactly the overrides it is documented to remove',
  async (prune, removed) => {
    const world = await pruneWorld(prune);
    world.repo.commit('Bob is done', { [FILE]: overrides({ alice: { theme: 'dark' } }) });
    expect(short(await world.plan())).toEqual(removed);
    await world.apply();
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(world.live('theme', 'bob')).toBe(removed.length > 0 ? undefined : 'dark');
    expect(world.live('checkout-v2', 'alice')).toBe(removed.length > 1 ? undefined : true);
    expect(world.live('theme', 'zoe')).toBe(removed.length > 2 ? undefined : 'contrast');
  },
);

const EXPIRED = {
  never: ['remove theme user dave', 'remove theme user fay'],
  owned: ['remove theme user dave', 'remove theme user fay'],
  contexts: ['remove theme user dave', 'remove theme user erin', 'remove theme user fay'],
  environment: ['remove theme user dave', 'remove theme user erin', 'remove theme user fay'],
} as const;

it.concurrent.each(Object.entries(EXPIRED))(
  'prune: %s removes overrides that expired, by file or group, if the expired value is live',
  async (prune, removed) => {
    const world = await startWorld({
      files: {
        'flagops.yaml': config({}, { prune }),
        [FILE]: overrides({ alice: { theme: 'dark' } }),
        'overrides/old.yaml': overrides(
          { dave: { theme: 'dark' }, erin: { theme: 'dark' }, alice: { theme: 'dark' } },
          { expires: '2020-01-01' },
        ),
        'overrides/group.yaml': overrides(
          {},
          {
            groups: [
              {
                name: 'then',
                users: ['fay'],
                flags: { theme: 'dark' },
                expires: '2020-01-01T00:00:00+02:00',
              },
              { name: 'still', users: ['gil'], flags: { theme: 'dark' }, expires: '2099-01-01' },
            ],
          },
        ),
      },
    });
    for (const key of ['alice', 'dave', 'fay', 'gil']) world.touch('theme', key, 'dark');
    world.touch('theme', 'erin', 'contrast');
    const plan = await world.plan();
    expect(short(plan)).toEqual(removed);
    expect(plan.changes.filter(({ mark }) => mark === 'expired')).toHaveLength(2);
  },
);

it.concurrent(
  'null removes an override in every prune mode, no matter who set it, and gives no ownership',
  async () => {
    const world = await startWorld({
      files: {
        'flagops.yaml': config({}, { prune: 'never' }),
        [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: null } }),
      },
    });
    world.touch('theme', 'alice', 'dark');
    world.touch('theme', 'bob', 'contrast');
    await world.apply();
    expect(world.live('theme', 'bob')).toBeUndefined();
    expect(world.live('theme', 'alice')).toBe('dark');

    world.touch('theme', 'bob', 'light');
    world.repo.commit('Say nothing of Bob', {
      'flagops.yaml': config({}, { prune: 'owned' }),
      [FILE]: overrides({ alice: { theme: 'dark' } }),
    });
    const plan = await world.plan();
    expect(plan.changes).toEqual([]);
    expect(plan.scopes[0]?.unmanaged).toEqual({ theme: 1 });
  },
);

it.concurrent('an override declared at last-applied is removed even if its live value differs', async () => {
  const world = await pruneWorld('owned');
  world.touch('theme', 'bob', 'contrast');
  world.repo.commit('Bob is done', { [FILE]: overrides({ alice: { theme: 'dark' } }) });
  expect(short(await world.plan())).toEqual(['remove theme user bob']);
});

it.concurrent(
  'without a ref an override is removed if any commit in HEAD declared its live value',
  async () => {
    const world = await startWorld({
      files: {
        [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' }, zoe: { theme: 'dark' } }),
      },
    });
    world.repo.commit('Only Alice', { [FILE]: overrides({ alice: { theme: 'dark' } }) });
    world.touch('theme', 'alice', 'dark');
    world.touch('theme', 'bob', 'dark');
    world.touch('theme', 'zoe', 'contrast');
    const plan = await world.plan();
    expect(short(plan)).toEqual(['remove theme user bob']);
    expect(plan.changes[0]).toMatchObject({
      mark: 'unknown',
      provenance: { commit: { subject: 'Only Alice' } },
    });
    expect(plan.scopes[0]?.unmanaged).toEqual({ theme: 1 });
  },
);
