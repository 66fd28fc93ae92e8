import { expect, it } from 'vitest';
import { config, overrides, short, startWorld } from '../support/world.js';
import { storefrontSeed } from '../support/seeds.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };
const BOTH = { ...ALICE, bob: { theme: 'dark' } };

it.concurrent(
  'filters, --no-removals and --no-record do not move the ref; an apply without differences does',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(BOTH) } });
    world.applied(BOTH);
    const first = world.repo.head;
    world.repo.commit('Bob is done', { [FILE]: overrides(ALICE) });

    const held = await world.flagops('apply', '--yes', '--no-removals');
    expect(held.code).toBe(0);
    expect(held.stderr).toContain('not applied: --no-removals');
    expect(world.writes).toEqual([]);
    expect(world.ref()).toBe(first);

    const filtered = await world.flagops('apply', '--yes', '--flag', 'them*', '--context', 'user:b*');
    expect(filtered.code).toBe(0);
    expect(world.live('theme', 'bob')).toBeUndefined();
    expect(world.ref()).toBe(first);

    await world.apply('--no-record');
    expect(world.ref()).toBe(first);
    const last = await world.apply();
    expect(last.stdout).toContain('Nothing to apply');
    expect(last.stdout).toContain(`Last applied to storefront/production: ${world.repo.head.slice(0, 12)}`);
    expect(world.ref()).toBe(world.repo.head);
  },
);

it.concurrent(
  'filters select by project, environment, flag and context, after all declarations were read',
  async () => {
    const world = await startWorld({
      files: {
        [FILE]: overrides(
          { alice: { theme: 'dark', 'checkout-v2': true }, bob: { theme: 'dark' } },
          {
            environment: undefined,
            environments: ['production', 'staging'],
            contexts: { device: { k1: { theme: 'dark' } } },
          },
        ),
      },
    });
    const plan = await world.plan(
      '--environment',
      'prod*',
      '--flag',
      'theme',
      '--context',
      'alice',
      '--context',
      'device:*',
    );
    expect(short(plan)).toEqual(['add theme device k1', 'add theme user alice']);
    const none = await world.plan('--project', 'store*', '--flag', 'banner');
    expect(none.changes).toEqual([]);
    expect(none.run.stdout).toContain('"filtered": 8');
    // A file that does not parse fails every command, even if a filter excludes it.
    world.repo.write({ 'overrides/broken.yaml': 'project: [' });
    const broken = await world.flagops('plan', '--flag', 'banner');
    expect(broken.code).toBe(1);
    expect(broken.stderr).toContain('overrides/broken.yaml:1:');
  },
);

it.concurrent('a failure in one scope does not stop the ref of another scope from moving', async () => {
  const world = await startWorld({
    simulator: { seed: storefrontSeed({ environments: { staging: { requireApprovals: true } } }) },
    files: { [FILE]: overrides(ALICE, { environment: undefined, environments: ['production', 'staging'] }) },
  });
  const run = await world.flagops('apply', '--yes');
  expect(run.code).toBe(5);
  expect(run.stdout).toMatch(/approval-required {2}storefront\/staging {2}theme for user "alice"/);
  expect(world.ref()).toBe(world.repo.head);
  expect(world.ref('staging')).toBeUndefined();
});

it.concurrent(
  'apply refuses a HEAD that does not contain last-applied unless --allow-rewind is given; --force is not enough',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    world.repo.commit('Bob', { [FILE]: overrides(BOTH) });
    world.applied(BOTH);
    const gone = world.repo.head;
    world.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    const plan = await world.plan();
    expect(plan.warnings.join()).toContain(`HEAD does not contain ${gone.slice(0, 12)}`);
    expect(short(plan)).toEqual(['remove theme user bob']);

    const refused = await world.flagops('apply', '--yes', '--force');
    expect(refused.code).toBe(4);
    expect(refused.stdout).toContain(`refused: HEAD does not contain ${gone.slice(0, 12)}`);
    expect(refused.stdout).toContain('--allow-rewind');
    expect(world.writes).toEqual([]);

    await world.apply('--allow-rewind');
    expect(world.live('theme', 'bob')).toBeUndefined();
    expect(world.ref()).toBe(world.repo.head);
  },
);

it.concurrent(
  'refs are fetched from the remote unless --local-refs, never pushed for a loopback host, and a failure is a warning',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    const remote = world.repo.addRemote();
    await world.apply();
    expect(world.ref()).toBe(world.repo.head);
    expect(remote.git('for-each-ref', 'refs/flagops')).toBe('');

    world.repo.git('push', '--quiet', 'origin', 'refs/flagops/*:refs/flagops/*');
    const applied = world.repo.head;
    const clone = remote.clone();
    world.repo = clone;
    expect((await world.plan('--local-refs')).scopes[0]?.lastApplied).toBeUndefined();
    expect((await world.plan()).scopes[0]?.lastApplied?.id).toBe(applied);

    clone.git('remote', 'set-url', 'origin', 'https://secret:word@127.0.0.1:9/x.git');
    const lost = await world.plan();
    expect(lost.run.code).toBe(0);
    expect(lost.warnings.join()).toMatch(/last-applied refs could not be fetched/);
    expect(lost.warnings.join()).not.toContain('word');
    expect((await world.plan('--local-refs')).warnings).toEqual([]);
  },
);

it.concurrent('a shallow clone is an error that says fetch-depth: 0, but only with prune owned', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(BOTH) } });
  world.repo.commit('Without Bob', { [FILE]: overrides(ALICE) });
  world.applied(BOTH);
  world.repo = world.repo.clone({ depth: 1 });
  const refused = await world.flagops('plan');
  expect(refused.code).toBe(1);
  expect(refused.stderr).toMatch(/^error: this clone is shallow.*fetch-depth: 0/m);
  world.repo.commit('Prune nothing', { 'flagops.yaml': config({}, { prune: 'never' }) });
  expect((await world.plan()).changes).toEqual([]);
});

it.concurrent(
  'a declaration that is in HEAD but not on disk is an error, in a sparse checkout or after rm',
  async () => {
    const world = await startWorld({
      files: {
        'overrides/x/a.yaml': overrides(ALICE),
        'overrides/y/b.yaml': overrides({ bob: { theme: 'dark' } }),
      },
    });
    world.applied(BOTH);
    world.repo.sparse('overrides/x');
    const sparse = await world.flagops('apply', '--yes', '--force');
    expect(sparse.code).toBe(1);
    expect(sparse.stderr).toMatch(/^error: overrides\/y\/b\.yaml is in HEAD, but not on disk.*git rm/m);
    world.repo.git('sparse-checkout', 'disable');
    world.repo.write({ 'overrides/y/b.yaml': null });
    expect((await world.flagops('plan')).stderr).toMatch(/^error: overrides\/y\/b\.yaml is in HEAD/m);
    // Deleted with git rm: an uncommitted change.
    world.repo.git('rm', '--quiet', 'overrides/y/b.yaml');
    const removed = await world.plan();
    expect(short(removed)).toEqual(['remove theme user bob']);
    expect(removed.changes[0]?.provenance.type).toBe('uncommitted');
    expect((await world.flagops('apply', '--yes', '--force')).code).toBe(4);
    expect(world.writes).toEqual([]);
  },
);

it.concurrent('outside git nothing is pruned, and the plan says so', async () => {
  const world = await startWorld({ git: false, files: { [FILE]: overrides(ALICE) } });
  world.touch('theme', 'bob', 'dark');
  const plan = await world.plan();
  expect(short(plan)).toEqual(['add theme user alice']);
  expect(plan.warnings.join()).toMatch(/not in a git repository.*nothing undeclared is removed/);
  const applied = await world.apply();
  expect(applied.stderr).toContain('not in a git repository');
  expect(world.comments).toHaveLength(1);
  expect(world.live('theme', 'bob')).toBe('dark');
});

it.concurrent(
  'before the first commit nothing is owned, and uncommitted declarations are refused',
  async () => {
    const world = await startWorld();
    world.repo.write({ [FILE]: overrides(ALICE) });
    world.touch('theme', 'bob', 'dark');
    const plan = await world.plan();
    expect(short(plan)).toEqual(['add theme user alice']);
    expect(plan.warnings.join()).toContain('nothing is committed yet');
    expect((await world.flagops('apply', '--yes')).code).toBe(4);
    await world.apply('--allow-dirty');
    expect(world.live('theme', 'alice')).toBe('dark');
  },
);
