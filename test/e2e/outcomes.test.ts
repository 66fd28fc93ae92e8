import { expect, it, vi } from 'vitest';
import { latch } from '../simulator/support/latch.js';
import { config, overrides, startWorld, type World } from '../support/world.js';
import { storefrontSeed } from '../support/seeds.js';

const FILE = 'overrides/a.yaml';

/** A write with another token, from outside flagops. Resolves with the status of the response. */
async function put(world: World, flag: string, user: string, setting: unknown): Promise<number> {
  const answer = await fetch(`${world.url}/api/v2/users/storefront/production/${user}/flags/${flag}`, {
    method: 'PUT',
    headers: { authorization: 'api-writer', 'content-type': 'application/json' },
    body: JSON.stringify({ setting }),
  });
  return answer.status;
}

it.concurrent('a write that conflicts with another one is retried until it succeeds', async () => {
  const slow = latch();
  const world = await startWorld({
    simulator: { writeDuration: slow.opened },
    files: { [FILE]: overrides({ alice: { theme: 'dark' } }) },
  });
  const other = put(world, 'theme', 'zoe', 'contrast');
  const apply = world.start(['apply', '--yes']);
  await vi.waitFor(() => expect(world.writes.some(({ status }) => status === 409)).toBe(true), {
    timeout: 50_000,
  });
  slow.open();
  expect(await other).toBe(204);
  expect((await apply.done).code).toBe(0);
  expect(world.live('theme', 'alice')).toBe('dark');
  expect(world.live('theme', 'zoe')).toBe('contrast');
});

it.concurrent(
  'with --expect a change is skipped if its override changed meanwhile, and apply exits with 3 after other writes',
  async () => {
    const slow = latch();
    let first = true;
    const world: World = await startWorld({
      simulator: {
        writeDuration: async () => {
          if (!first) return slow.opened();
          // While banner is being written, theme is changed from outside, again and again.
          first = false;
          world.touch('theme', 'alice', 'contrast');
          other = put(world, 'theme', 'zoe', 'dark');
          await vi.waitFor(() =>
            expect(world.simulator.requests.filter(({ status }) => status === 0)).toHaveLength(2),
          );
          return undefined;
        },
      },
      files: {
        'flagops.yaml': config({ rate: { concurrency: 1 } }),
        [FILE]: overrides({ alice: { banner: { show: false }, theme: 'dark' } }),
      },
    });
    let other: Promise<number> | undefined;
    const { fingerprint } = await world.plan();
    const run = await world.flagops('apply', '--yes', '--expect', fingerprint);
    slow.open();
    await other;
    expect(run.code).toBe(3);
    expect(run.stdout).toContain('Applied 1 of 2 changes, 1 skipped.');
    expect(run.stdout).toMatch(
      /skipped.*theme for user "alice": live moved since the plan was made; plan again/,
    );
    expect(world.live('theme', 'alice')).toBe('contrast');
  },
);

it.concurrent('after a 429 apply waits until the window resets, and says so', async () => {
  let first = true;
  const world: World = await startWorld({
    simulator: {
      rateLimit: 3,
      writeDuration: async () => {
        if (!first) return;
        // The response to this write reports two requests left; another client uses them.
        first = false;
        expect(await put(world, 'checkout-v2', 'zoe', true)).toBe(204);
        expect(await put(world, 'search-limit', 'zoe', 100)).toBe(204);
      },
    },
    files: {
      'flagops.yaml': config({ rate: { concurrency: 1 } }),
      [FILE]: overrides({ alice: { banner: { show: false }, theme: 'dark' } }),
    },
  });
  const run = await world.flagops('apply', '--yes');
  expect(run.code).toBe(0);
  expect(run.stderr).toMatch(/waiting: rate limited by LaunchDarkly, continuing in \d+ s/);
  expect(world.writes.map(({ status }) => status)).toEqual([204, 204, 204, 429, 204]);
});

it.concurrent('more changes than one window allows continue in the next window without a 429', async () => {
  const world = await startWorld({
    simulator: { rateLimit: 3 },
    files: {
      [FILE]: overrides({
        a: { theme: 'dark' },
        b: { theme: 'dark' },
        c: { theme: 'dark' },
        d: { theme: 'dark' },
      }),
    },
  });
  const run = await world.flagops('apply', '--yes');
  expect(run.code).toBe(0);
  expect(world.writes.map(({ status }) => status)).toEqual([204, 204, 204, 204]);
});

it.concurrent('a failure after a write exits with 3, even if approvals are required', async () => {
  const world: World = await startWorld({
    simulator: {
      seed: storefrontSeed({ environments: { staging: { requireApprovals: true } } }),
      writeDuration: () => {
        world.simulator.archiveFlag('storefront', 'theme');
        return Promise.resolve();
      },
    },
    files: {
      'flagops.yaml': config({ rate: { concurrency: 1 } }),
      [FILE]: overrides({ alice: { banner: { show: false }, theme: 'dark' } }),
      'overrides/s.yaml': overrides({ alice: { banner: { show: false } } }, { environment: 'staging' }),
    },
  });
  const run = await world.flagops('apply', '--yes', '--format', 'markdown');
  expect(run.code).toBe(3);
  expect(run.stdout).toContain('### 🛑 flagops: applied 1 of 3 changes, 1 skipped, 1 approval required\n');
});

it.concurrent(
  'apply exits with 5 if only approvals are missing, and reports each change that needs one',
  async () => {
    const world = await startWorld({
      simulator: { seed: storefrontSeed({ environments: { production: { requireApprovals: true } } }) },
      files: { [FILE]: overrides({ alice: { theme: 'dark' }, bob: { theme: 'dark' } }) },
    });
    const run = await world.flagops('apply', '--yes');
    expect(run.code).toBe(5);
    expect(run.stdout).toContain('Applied 0 of 2 changes, 2 approval required.');
    expect(run.stdout.match(/theme requires approval in production/g)).toHaveLength(2);
    // The second would get the same response, so it was not sent.
    expect(world.writes).toHaveLength(1);
  },
);

it.concurrent(
  'a token without write permission is tried once for each flag, and all changes are reported',
  async () => {
    const users = Object.fromEntries(
      Array.from({ length: 30 }, (_, index) => [`u${index}`, { theme: 'dark', 'checkout-v2': true }]),
    );
    const world = await startWorld({ files: { [FILE]: overrides(users) } });
    const run = await world.run(['apply', '--yes'], { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' } });
    expect(run.code).toBe(1);
    expect(world.writes).toHaveLength(2);
    const denied = run.stdout.split('\n').filter((line) => line.includes('denied'));
    expect(denied).toEqual(
      ['checkout-v2', 'theme'].map(
        (flag) =>
          `failed  ${flag} in storefront/production: 30 changes denied (403 forbidden: Access to the requested resource was denied): the token needs updateTargets on proj/storefront:env/production:flag/${flag}`,
      ),
    );
    expect(run.stdout).toContain('Applied 0 of 60 changes, 60 failed.');
  },
);

it.concurrent('apply exits with 3 if a change does not read back, unless --no-verify is given', async () => {
  const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
  world.simulator.world.onChange(() => {
    if (world.live('theme', 'alice') === 'dark') world.touch('theme', 'alice', 'contrast');
  });
  const run = await world.flagops('apply', '--yes');
  expect(run.code).toBe(3);
  expect(run.stdout).toContain('Read back 1 change: 1 not live.');
  expect(world.ref()).toBeUndefined();
  expect((await world.flagops('apply', '--yes', '--no-verify')).code).toBe(0);
});

it.concurrent(
  'a ref that cannot be moved is reported with a remedy, and the exit code is 3, or 1 if nothing was written',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides({ alice: { theme: 'dark' } }) } });
    world.repo.write({ [`.git/${world.refName('production')}.lock`]: '' });
    const run = await world.flagops('apply', '--yes');
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(run.stdout).toContain('Applied 1 of 1 change.');
    expect(run.stdout).toMatch(
      /^not recorded  the last-applied ref of storefront\/production .*\.lock file/m,
    );
    expect(run.stdout).not.toContain('Last applied to');
    expect(run.code).toBe(3);
    // The attempt stays, so that what was written still counts as ours.
    expect(world.attempts()).toHaveLength(1);

    const again = await world.flagops('apply', '--yes', '--format', 'json');
    expect(again.code).toBe(1);
    expect(JSON.parse(again.stdout)).toMatchObject({
      recorded: [],
      unrecorded: [expect.stringContaining('storefront/production') as string],
    });
  },
);
