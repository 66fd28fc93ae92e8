import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { config, overrides, startWorld } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const COUNT = 3;
const SHARDS = Array.from({ length: COUNT }, (_, index) => `${index + 1}/${COUNT}`);

/** Settings for five flags of the default seed, two for each. */
const USERS = Object.fromEntries(
  ['alice', 'bob'].map((key) => [
    key,
    {
      theme: 'dark',
      'checkout-v2': true,
      'search-limit': 100,
      'gift-wrapping': true,
      'recommendation-model': 'personal',
    },
  ]),
);
const CHANGES = 10;

const flagOf = (path: string): string => path.split('/').at(-1) ?? '';

it.concurrent(
  'shards together apply all changes; a final apply of everything finds no difference and records',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(USERS) } });
    const flags = new Set<string>();
    for (const shard of SHARDS) {
      world.simulator.forgetRequests();
      const run = await world.flagops('apply', '--yes', '--shard', shard);
      expect(run.code).toBe(0);
      const written = world.writes.map(({ path }) => flagOf(path));
      expect(run.stdout).toContain(`Applied ${written.length} of `);
      // No two shards write the same flag, and one shard writes all users of a flag.
      for (const flag of new Set(written)) {
        expect(flags.has(flag)).toBe(false);
        flags.add(flag);
        expect(written.filter((other) => other === flag)).toHaveLength(2);
      }
      expect(world.ref()).toBeUndefined();
    }
    expect(flags.size).toBe(CHANGES / 2);

    world.simulator.forgetRequests();
    const last = await world.apply();
    expect(last.stdout).toContain('Nothing to apply');
    expect(world.writes).toEqual([]);
    expect(world.ref()).toBe(world.repo.head);
  },
);

it.concurrent('a shard does not move the last-applied ref, even as the only one', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(USERS) } });
  await world.apply('--shard', '1/1');
  expect(world.ref()).toBeUndefined();
  expect((await world.plan()).changes).toEqual([]);
});

it.concurrent('plan --shard shows the whole plan, with the changes of other shards held back', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(USERS) } });
  const whole = await world.plan();
  const parts = [];
  for (const shard of SHARDS) {
    const plan = await world.plan('--shard', shard);
    expect(plan.fingerprint).toBe(whole.fingerprint);
    expect(plan.counts).toEqual(whole.counts);
    expect(plan.changes.map((change) => ({ ...change, withheld: undefined }))).toEqual(whole.changes);
    expect(new Set(plan.changes.map(({ withheld }) => withheld))).toContain('other-shard');
    parts.push(plan.changes.map(({ withheld }) => withheld === undefined));
  }
  for (const index of whole.changes.keys()) {
    expect(parts.filter((part) => part[index] === true)).toHaveLength(1);
  }
});

it.concurrent(
  'in a shard, --expect compares the fingerprint of the whole plan, and --plan accepts what is left of it',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(USERS) } });
    await world.flagops('plan', '--format', 'json', '--out', 'plan.json');
    const { fingerprint } = JSON.parse(readFileSync(join(world.repo.path, 'plan.json'), 'utf8')) as {
      fingerprint: string;
    };
    expect((await world.flagops('apply', '--yes', '--shard', '1/3', '--expect', '0'.repeat(64))).code).toBe(
      4,
    );
    expect(world.writes).toEqual([]);
    // The whole plan changes only after the shard that has work.
    const working = [];
    for (const shard of SHARDS) {
      const { changes } = await world.plan('--shard', shard);
      if (changes.some(({ withheld }) => withheld === undefined)) working.push(shard);
    }
    const [first = '', ...others] = working;
    await world.apply('--shard', first, '--expect', fingerprint);
    const written = world.writes.length;
    expect(written).toBeGreaterThan(0);

    for (const shard of others) {
      const late = await world.flagops('apply', '--yes', '--shard', shard, '--expect', fingerprint);
      expect(late.code).toBe(4);
    }
    expect(world.writes).toHaveLength(written);
    for (const shard of others) await world.apply('--shard', shard, '--plan', 'plan.json');
    expect(world.writes).toHaveLength(CHANGES);
  },
);

it.concurrent(
  'guards check the whole scope, so a shard without the offending change is refused too',
  async () => {
    const world = await startWorld({
      files: {
        'flagops.yaml': config({}, { limits: { changes: CHANGES - 1 } }),
        [FILE]: overrides(USERS),
      },
    });
    for (const shard of SHARDS) {
      const run = await world.flagops('apply', '--yes', '--shard', shard);
      expect(run.code).toBe(4);
      expect(run.stdout).toContain(`${CHANGES} changes`);
    }
    expect(world.writes).toEqual([]);
  },
);

it.concurrent('an invalid --shard is an error that shows the form', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(USERS) } });
  for (const shard of ['0/3', '4/3', '1', 'x']) {
    const run = await world.flagops('apply', '--yes', '--shard', shard);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain('2/8');
  }
  expect(world.simulator.requests).toEqual([]);
});
