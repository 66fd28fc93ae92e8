import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { CLI } from '../support/cli.js';
import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import { config, overrides, short, startWorld } from '../support/world.js';
import { changeSeed } from '../support/seeds.js';

const FILE = 'overrides/a.yaml';
const ALICE = { alice: { theme: 'dark' } };

it.concurrent('settings of every JSON type are written unchanged and match what is read back', async () => {
  const world = await startWorld({
    files: {
      [FILE]: overrides({
        alice: {
          banner: { show: true, colors: ['#b00020', '#ffffff'], text: 'Sale: 20% off' },
          'payment-methods': ['card', 'transfer', 'invoice'],
          'search-limit': { $variation: 2 },
          theme: { $variation: 'High contrast' },
          'checkout-v2': { $value: false },
        },
      }),
    },
  });
  await world.apply();
  expect(world.live('banner', 'alice')).toMatchObject({ text: 'Sale: 20% off' });
  expect(world.live('payment-methods', 'alice')).toEqual(['card', 'transfer', 'invoice']);
  expect(world.live('search-limit', 'alice')).toBe(100);
  expect(world.live('theme', 'alice')).toBe('contrast');
  expect(world.live('checkout-v2', 'alice')).toBe(false);
  expect((await world.plan()).changes).toEqual([]);
});

it.concurrent('a variation that a PUT cannot select is an error before anything is written', async () => {
  const world = await startWorld({
    files: {
      [FILE]: overrides({
        alice: { theme: 'dark', 'recommendation-model': { $variation: 'Model A' } },
        bob: { 'recommendation-model': { $variation: 0 } },
      }),
    },
  });
  const run = await world.flagops('apply', '--yes');
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/variation-not-settable variation 1 of recommendation-model shares its value/);
  expect(run.stderr).toMatch(/variation-not-settable variation 0 of recommendation-model has the value null/);
  expect(world.writes).toEqual([]);
});

it.concurrent(
  'a scope that was applied and then deleted in LaunchDarkly does not block other scopes',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    world.applied(ALICE);
    world.repo.git('update-ref', world.refName('gone'), 'HEAD');
    const plan = await world.plan();
    expect(plan.run.code).toBe(0);
    expect(plan.changes).toEqual([]);
    expect(plan.warnings.join('\n')).toMatch(/storefront\/gone .*no longer/);
  },
);

it.concurrent(
  'an --out file that cannot be written is an error before anything is written to LaunchDarkly',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    for (const out of ['no/such/folder/result.json', 'overrides']) {
      const run = await world.flagops('apply', '--yes', '--out', out);
      expect(run.code).toBe(1);
      expect(run.stderr).toMatch(/^error: cannot write .*: E[A-Z]+ \(name another file with --out\)$/m);
    }
    expect(world.simulator.requests).toEqual([]);
  },
);

it.concurrent('a deleted current folder is reported in one line', async () => {
  const world = await startWorld();
  const command = `mkdir gone && cd gone && rmdir ../gone && "${process.execPath}" "${CLI}" validate`;
  expect(await world.run(['-c', command], { command: 'bash' })).toEqual({
    code: 1,
    stdout: '',
    stderr:
      'error: cannot find the current folder: ENOENT (it may have been deleted; change to another folder)\n',
  });
});

it.concurrent('an apply continues when the reader of its output exits', async () => {
  const users = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [`u${index}`, { theme: 'dark' }]),
  );
  const world = await startWorld({ files: { [FILE]: overrides(users) } });
  const command = `"${process.execPath}" "${CLI}" apply --yes 2>&1 | head -1; echo "code \${PIPESTATUS[0]}"`;
  const run = await world.run(['-c', command], { command: 'bash' });
  expect(run.stdout).toContain('code 0');
  expect(world.writes).toHaveLength(300);
  expect(world.ref()).toBe(world.repo.head);
});

it.concurrent('an empty environment variable counts as unset', async () => {
  const world = await startWorld();
  world.repo.commit('Start', { 'flagops.yaml': config({ baseUrl: world.url }), [FILE]: overrides(ALICE) });
  const run = await world.run(['plan'], { env: { LAUNCHDARKLY_BASE_URL: '' } });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain("is not one of LaunchDarkly's hosts");
  expect((await world.run(['apply'], { env: { CI: '' } })).code).toBe(1);
});

it.concurrent(
  'several projects are planned and applied together, and each is read once for all its environments',
  async () => {
    const seed = changeSeed(defaultSeed, {
      projects: { cms: { environments: { live: {} }, flags: { editor: {} } } },
    });
    const world = await startWorld({
      simulator: { seed },
      files: {
        [FILE]: overrides(ALICE, { environment: undefined, environments: ['production', 'staging'] }),
        'overrides/c.yaml': overrides({ alice: { editor: true } }, { project: 'cms', environment: 'live' }),
      },
    });
    const plan = await world.plan();
    expect(short(plan)).toEqual(['add editor user alice', 'add theme user alice', 'add theme user alice']);
    const lists = world.simulator.requests.filter(({ path }) => /^\/api\/v2\/flags\/[^/]*\?/.test(path));
    // Deprecated flags are in a separate list.
    expect(lists.filter(({ path }) => !path.includes('filter='))).toHaveLength(2);
    await world.apply();
    expect(world.simulator.targets('cms', 'live', 'editor')).toHaveLength(1);
  },
);

it.concurrent('worktrees and a detached HEAD, as in CI, work like any other checkout', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
  world.repo.addRemote();
  const bob = { ...ALICE, bob: { theme: 'dark' } };
  world.repo.commit('Bob', { [FILE]: overrides(bob) });
  world.repo.git('worktree', 'add', '--quiet', '--detach', 'tree', 'HEAD');
  world.applied(bob);
  const cwd = `${world.repo.path}/tree/overrides`;
  const run = await world.run(['apply', '--yes'], { cwd });
  expect(run.code).toBe(0);
  expect(run.stdout).toContain('Nothing to apply');
});

it.concurrent(
  'unusual file names, links and commit messages confuse neither history nor the terminal',
  async () => {
    const world = await startWorld();
    world.repo.write({ 'real.yaml': overrides({ linked: { theme: 'dark' } }) });
    mkdirSync(join(world.repo.path, 'overrides'));
    symlinkSync('../real.yaml', join(world.repo.path, 'overrides', 'link.yaml'));
    world.repo.commit(
      'sub\u001b[31mject\u202e',
      { [FILE]: overrides(ALICE), 'overrides/zoë ☂.yaml': overrides({ zed: { theme: 'dark' } }) },
      { author: 'E\u001b[1mve <e@example.com>' },
    );
    const plan = await world.plan();
    expect(plan.changes.map(({ key, provenance }) => `${key} ${provenance.type}`)).toEqual([
      'alice commit',
      'linked commit',
      'zed commit',
    ]);
    expect((await world.flagops('plan')).stdout).not.toMatch(/\p{Cc}(?<!\n)|\u202e/u);
    world.repo.write({ 'real.yaml': overrides({ linked: { theme: 'light' } }) });
    const dirty = await world.flagops('apply', '--yes');
    expect(dirty.code).toBe(4);
    expect(dirty.stdout).toContain('real.yaml is not committed');
  },
);

it.concurrent(
  'a repository without an installed git is an error, and does not count as outside git',
  async () => {
    const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
    const run = await world.run(['apply', '--yes'], { env: { PATH: '/nonexistent' } });
    expect(run.code).toBe(1);
    expect(run.stderr).toMatch(/^error: there is a repository in .*git cannot be run.*\(install git/m);
    expect(world.writes).toEqual([]);
  },
);

it.concurrent('a line break after the token is ignored', async () => {
  const world = await startWorld({ files: { [FILE]: overrides(ALICE) } });
  const run = await world.run(['plan'], { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer\n' } });
  expect(run.code).toBe(0);
});
