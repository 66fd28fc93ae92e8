import { once } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import { latch } from '../simulator/support/latch.js';
import { config, overrides, short, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };
const BOB = { bob: { theme: 'dark', banner: { show: false } } };
/** Every write is refused, apart from those to `theme`. */
const HALF = {
  effect: { kind: 'status', status: 404 },
  when: 'always',
  method: 'PUT',
  path: '*/flags/banner',
} as const;

/** A world in which the newest commit, which adds Bob, was applied half-way. */
async function halfApplied(): Promise<World> {
  const world = await startWorld({ simulator: { faults: [HALF] }, files: { [FILE]: overrides(ALICE) } });
  world.applied(ALICE);
  world.repo.commit('Bob', { [FILE]: overrides({ ...ALICE, ...BOB }) });
  const run = await world.flagops('apply', '--yes');
  expect(run.code).toBe(3);
  expect(world.live('theme', 'bob')).toBe('dark');
  world.simulator.faults.clear();
  return world;
}

describe('a commit that was applied half-way and then disappears', () => {
  it.concurrent.each([
    ['with a force-push', (world: World) => world.repo.git('reset', '--quiet', '--hard', 'HEAD~1')],
    [
      'with merge -s ours',
      (world: World) => {
        world.repo.git('branch', 'gone');
        world.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
        world.repo.commit('Elsewhere', { 'README.md': 'x' });
        world.repo.git('merge', '--quiet', '--strategy=ours', '-m', 'Ours', 'gone');
      },
    ],
  ])('its overrides are ours and are removed: %s', async (_, disappear) => {
    const world = await halfApplied();
    disappear(world);
    // The attempt keeps the commit, whatever git cleans up.
    world.repo.git('reflog', 'expire', '--expire=now', '--all');
    world.repo.git('gc', '--quiet', '--prune=now');
    const plan = await world.plan();
    expect(short(plan)).toEqual(['remove theme user bob']);
    expect(plan.changes[0]?.mark).toBe('pending');
    await world.apply();
    expect(world.live('theme', 'bob')).toBeUndefined();
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(world.ref()).toBe(world.repo.head);
  });

  it.concurrent('an override that has another value than the commit declared is not ours', async () => {
    const world = await halfApplied();
    world.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    world.touch('theme', 'bob', 'contrast');
    const plan = await world.plan();
    expect(plan.changes).toEqual([]);
    expect(plan.scopes[0]?.unmanaged).toEqual({ theme: 1 });
  });

  it.concurrent('files of that commit that do not parse own nothing, with a warning', async () => {
    const world = await halfApplied();
    const attempted = world.repo.commit('Broken', { [FILE]: 'users: [' });
    // The same attempt, but of the broken commit.
    const [ref = ''] = world.attempts();
    const tag = world.repo
      .git('cat-file', 'tag', ref)
      .replaceAll(world.repo.git('rev-parse', 'HEAD~1'), attempted);
    world.repo.write({ '.git/tag': `${tag}\n` });
    world.repo.git('update-ref', ref, world.repo.git('hash-object', '-t', 'tag', '-w', '.git/tag'));
    world.repo.git('reset', '--quiet', '--hard', 'HEAD~2');
    const plan = await world.plan();
    expect(plan.changes).toEqual([]);
    expect(plan.warnings).toEqual([expect.stringMatching(/overrides\/a\.yaml does not parse/)]);
  });

  it.concurrent('a scope that only the attempt names is covered, and its last override removed', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    world.applied(ALICE);
    world.repo.commit('Staging', { 'overrides/s.yaml': overrides(BOB, { environment: 'staging' }) });
    await world.apply('--flag', 'theme');
    expect(world.attempts()).toHaveLength(1);
    world.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    const plan = await world.plan();
    expect(plan.changes.map(({ environment, key }) => `${environment} ${key}`)).toEqual(['staging bob']);
    const matrix = await world.flagops('matrix');
    expect(matrix.stdout).toContain('"environment":"staging"');
    await world.apply('--force');
    expect(world.live('theme', 'bob', { environment: 'staging' })).toBeUndefined();
  });

  it.concurrent('its value is removed where another value is declared and has expired', async () => {
    const world = await startWorld({
      files: { [FILE]: overrides({ alice: { theme: 'light' } }, { expires: '2020-01-01' }) },
    });
    world.repo.commit('Dark', { [FILE]: overrides(ALICE) });
    await world.apply('--flag', 'theme');
    world.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    const plan = await world.plan();
    expect(short(plan)).toEqual(['remove theme user alice']);
    expect(plan.changes[0]?.provenance.commit?.subject).toBe('Start');
  });

  it.concurrent('a flag that the filter of the apply left out is not ours', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    world.applied(ALICE);
    world.repo.commit('Bob', { [FILE]: overrides({ ...ALICE, ...BOB, carol: { theme: 'dark' } }) });
    await world.apply('--flag', 'theme', '--context', 'bob');
    for (const [flag, key, value] of [
      ['banner', 'bob', { show: false }],
      ['theme', 'carol', 'dark'],
    ] as const)
      world.touch(flag, key, value);
    world.repo.git('reset', '--quiet', '--hard', 'HEAD~1');
    expect(short(await world.plan())).toEqual(['remove theme user bob']);
  });
});

describe('overlapping applies', () => {
  it.concurrent(
    'a write of an older apply that arrives after a newer one has finished is corrected',
    async () => {
      const slow = latch();
      let isSlow = true;
      const world: World = await startWorld({
        simulator: {
          writeDuration: async () => {
            if (!isSlow) return;
            isSlow = false;
            await slow.opened();
          },
        },
        files: { [FILE]: overrides(ALICE) },
      });
      world.applied(ALICE);
      world.repo.commit('Bob', { [FILE]: overrides({ ...ALICE, bob: { banner: { show: false } } }) });
      const older = world.start(['apply', '--yes']);
      await vi.waitFor(
        () => expect(world.simulator.requests.some(({ method }) => method === 'PUT')).toBe(true),
        {
          timeout: 50_000,
        },
      );
      world.repo.commit('Not Bob, but Carol', { [FILE]: overrides({ ...ALICE, carol: { theme: 'dark' } }) });
      await world.apply();
      expect(world.ref()).toBe(world.repo.head);
      slow.open();
      const run = await older.done;
      expect(run.code).toBe(3);
      expect(run.stdout).toMatch(
        /^not recorded {2}a newer commit \(.*\) was applied to storefront\/production meanwhile/m,
      );
      expect(run.stdout).not.toContain('Last applied to');
      expect(world.ref()).toBe(world.repo.head);
      // Only the older attempt is left, and what it wrote is ours.
      expect(world.attempts()).toHaveLength(1);
      expect(world.live('banner', 'bob')).toEqual({ show: false });
      expect(short(await world.plan())).toEqual(['remove banner user bob']);
      await world.apply();
      // It could have sent another write until it expires.
      expect(world.attempts()).toHaveLength(1);
      world.touch('banner', 'bob', { show: false });
      expect(short(await world.plan())).toEqual(['remove banner user bob']);
      world.expireAttempts();
      await world.apply();
      expect(world.attempts()).toEqual([]);
      world.touch('banner', 'bob', { show: false });
      expect((await world.plan()).changes).toEqual([]);
    },
  );

  it.concurrent('a killed apply leaves its attempt, and the next one completes the work', async () => {
    const slow = latch();
    let writes = 0;
    const world: World = await startWorld({
      simulator: {
        writeDuration: async () => {
          writes += 1;
          if (writes > 1) await slow.opened();
        },
      },
      files: { 'flagops.yaml': config({ rate: { concurrency: 1 } }), [FILE]: overrides(BOB) },
    });
    const { child, done } = world.start(['apply', '--yes']);
    await vi.waitFor(() => expect(writes).toBe(2), { timeout: 50_000 });
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
    await done.catch(() => undefined);
    slow.open();
    expect(world.ref()).toBeUndefined();
    expect(world.attempts()).toHaveLength(1);
    await vi.waitFor(() => expect(world.live('theme', 'bob')).toBe('dark'));
    await world.apply();
    expect(world.ref()).toBe(world.repo.head);
  });
});

describe('when an attempt is recorded and forgotten', () => {
  it.concurrent(
    'an attempt is recorded before the first write and forgotten after a complete apply',
    async () => {
      const during: string[][] = [];
      const world: World = await startWorld({
        simulator: { writeDuration: async () => void during.push(world.attempts()) },
        files: { [FILE]: overrides({ ...ALICE, ...BOB }) },
      });
      await world.apply();
      expect(during).toHaveLength(3);
      expect(during[0]).toEqual([
        expect.stringMatching(
          /^refs\/flagops\/attempts\/127\.0\.0\.1%3a\d+\/default\/storefront\/production\/local-[0-9a-f]{16}$/,
        ),
      ]);
      expect(new Set(during.flat()).size).toBe(1);
      expect(world.attempts()).toEqual([]);
      // Without changes there is nothing to attempt.
      await world.apply();
      expect(during).toHaveLength(3);
    },
  );

  it.concurrent.each([
    ['a filter', ['--flag', 'theme']],
    ['a shard', ['--shard', '1/1']],
    ['--no-record', ['--no-record']],
    ['--no-verify and a failed write', ['--no-verify']],
  ])('an apply with %s does not forget its attempt', async (name, args) => {
    const faults = name.includes('failed') ? [HALF] : [];
    const world = await startWorld({ simulator: { faults }, files: { [FILE]: overrides(BOB) } });
    await world.flagops('apply', '--yes', ...args);
    expect(world.ref()).toBeUndefined();
    expect(world.attempts()).toHaveLength(1);
  });

  it.concurrent('--check records no attempt', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(BOB) } });
    await world.apply('--check', '--batch');
    expect(world.attempts()).toEqual([]);
  });

  it.concurrent('nothing is written if the attempt cannot be recorded', async () => {
    const world = await startWorld({ files: { [FILE]: overrides(BOB) } });
    // A ref cannot be created below a ref.
    const host = new URL(world.url).host.replace(':', '%3a');
    world.repo.git('update-ref', `refs/flagops/attempts/${host}/default/storefront`, 'HEAD');
    const run = await world.flagops('apply', '--yes');
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(
      /^error: nothing was written, because this apply could not record its attempt.*\.git/m,
    );
    expect(world.writes).toEqual([]);
  });
});

it.concurrent(
  'a truncated last-applied ref is an error, and does not turn a removal into no difference',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ ...ALICE, carol: { theme: 'dark' } }) } });
    world.applied(ALICE);
    // Carol's live value is another one than was declared: only last-applied shows that it is ours.
    world.touch('theme', 'carol', 'contrast');
    world.repo.commit('Without Carol', { [FILE]: overrides(ALICE) });
    expect(short(await world.plan())).toEqual(['remove theme user carol']);
    world.repo.write({ [`.git/${world.refName('production')}`]: world.repo.head.slice(0, 12) });
    for (const args of [['plan'], ['drift'], ['apply', '--yes', '--local-refs'], ['matrix']]) {
      const run = await world.flagops(...args);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(
        /^error: git cannot read refs\/flagops\/applied\/.*\/production: .*\(delete the file .*\)$/m,
      );
    }
    expect(world.writes).toEqual([]);
  },
);
