import { describe, expect, it } from 'vitest';
import type { Run } from '../support/cli.js';
import { config, overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/production.yaml';
const START = {
  alice: { 'checkout-v2': true, theme: 'dark', 'one-click-checkout': true, 'gift-wrapping': true },
  bob: { 'checkout-v2': true, theme: null },
};
const OWNED = { owner: 'team-checkout', reason: 'Beta' };
const EXPIRED = { expires: '2020-01-31' };

/** Needs a reader token only. */
const explain = (world: World, ...args: string[]): Promise<Run> =>
  world.run(['explain', ...args], { env: { LAUNCHDARKLY_ACCESS_TOKEN: 'api-reader' } });

/** An override of each kind for Alice. */
async function everyState(): Promise<World> {
  const world = await startWorld({
    files: {
      [FILE]: overrides(START, OWNED),
      'overrides/gone.yaml': overrides({ alice: { 'search-limit': 25 } }, EXPIRED),
      'flagops.yaml': config({}, { flags: { exclude: ['ops-*'] } }),
    },
  });
  world.applied({ ...START, bob: { 'checkout-v2': true } });
  world.touch('theme', 'alice', 'contrast');
  world.touch('old-navigation', 'alice', true);
  world.touch('ops-log-level', 'alice', 'debug');
  const alice = { ...START.alice, 'checkout-v2': false };
  world.repo.commit('Alice leaves the beta', { [FILE]: overrides({ ...START, alice }, OWNED) });
  return world;
}

describe('explain', () => {
  it.concurrent('shows every flag with an override of the context', async () => {
    const world = await everyState();
    const run = await explain(world, 'alice');
    expect(run).toMatchObject({
      code: 0,
      stdout: `user alice in storefront/production
  checkout-v2         true  individual target · declared false · overrides/production.yaml:5:5 · pending · will have no effect
  gift-wrapping       false  the flag is off · live true · overrides/production.yaml:8:5
  old-navigation      true  individual target · unmanaged · no effect
  one-click-checkout  true  individual target · overrides/production.yaml:7:5
  ops-log-level       "debug" (Debug)  individual target · excluded
  search-limit        25 (Some)  default rule · declared 25 (Some) · overrides/gone.yaml:5:5 · expired 2020-01-31
  theme               "contrast" (High contrast)  individual target · declared "dark" (Dark) · overrides/production.yaml:6:5 · drift

To see more about a flag, add its key to the command.
`,
    });
    expect(world.writes).toEqual([]);
  });

  it.concurrent('shows all about one flag', async () => {
    const world = await everyState();
    const drift = (await explain(world, 'user:alice', 'theme')).stdout;
    expect(drift.replace(/\([0-9a-f]{12} by/, '(<id> by')).toBe(`theme for user alice in storefront/production
  served    "contrast" (High contrast)
  because   an individual target
  live      "contrast" (High contrast)
  declared  "dark" (Dark) in overrides/production.yaml:6:5
  commit    Start (<id> by Ada Author)
            owner team-checkout · Beta
  state     drift: changed in LaunchDarkly since the last apply; the next apply changes it to "dark" (Dark)
`);
    const pending = (await explain(world, 'alice', 'checkout-v2')).stdout;
    expect(pending).toMatch(/commit +Alice leaves the beta \([0-9a-f]{12} by Ada Author\)\n/);
    expect(pending).toContain(
      'state     pending: declared and not applied yet; the next apply changes it to false',
    );
    // The live value of another flag decides, not the one that is declared.
    world.touch('checkout-v2', 'alice', false);
    expect((await explain(world, 'alice', 'one-click-checkout')).stdout).toContain(
      'because   the prerequisite checkout-v2 must serve true and serves false (individual target): the off variation is served\n',
    );
    const archived = (await explain(world, 'alice', 'summer-sale')).stdout;
    expect(archived).toContain('served    the fallback value in the code\n');
    expect((await explain(world, 'bob', 'theme')).stdout).toContain('state     no override, as declared\n');
    expect((await explain(world, 'organization:acme', 'theme')).stdout).toContain(
      'theme for organization acme in storefront/production\n  served    "light" (Light)\n',
    );
  });

  it.concurrent('reads prerequisites that a list of flags lacks', async () => {
    const world = await everyState();
    world.simulator.setFlagState('storefront', 'checkout-v2', 'archived');
    world.repo.commit('Leave the archived flag', {
      [FILE]: overrides({ alice: { 'one-click-checkout': true } }),
    });
    const { stdout } = await explain(world, 'alice', 'one-click-checkout', '--format', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      flags: [
        {
          served: { value: false },
          why: {
            reason: 'prerequisite',
            prerequisite: {
              flag: 'checkout-v2',
              mustServe: { value: true },
              serves: { why: { reason: 'archived' } },
            },
          },
        },
      ],
    });
  });

  it.concurrent('says what may have been meant', async () => {
    const world = await everyState();
    const unknown = await explain(world, 'alice', 'thme');
    expect(unknown).toMatchObject({ code: 1, stdout: '' });
    expect(unknown.stderr).toContain('there is no flag thme in storefront (did you mean theme?)');
    const odd = await explain(world, 'alice', 'something-else');
    expect(odd.stderr).toContain(
      'there is no flag something-else in storefront (check its key in LaunchDarkly)',
    );
    expect(await explain(world, 'alise')).toMatchObject({
      code: 0,
      stdout:
        'No override of user alise is declared or live in storefront/production (did you mean alice?).\n',
    });
    expect((await explain(world, 'organization:alice')).stdout).toContain('(did you mean alice?)');
    expect((await explain(world, 'nothing-like-it')).stdout).toBe(
      'No override of user nothing-like-it is declared or live in storefront/production.\n',
    );
    // A context needs no override, so the flag is explained all the same.
    const typo = await explain(world, 'alise', 'old-navigation');
    expect(typo.code).toBe(0);
    expect(typo.stdout).toMatch(/^old-navigation for user alise [^]*\(did you mean alice\?\)\.\n$/);
    expect((await explain(world, 'bob', 'old-navigation')).stdout).not.toContain('did you mean');
    const kind = await explain(world, 'orgnization:acme', 'theme');
    expect(kind.stdout).toContain(
      'warning: LaunchDarkly does not list the context kind orgnization for targeting (did you mean organization?)\n',
    );
    expect((await explain(world, 'a:b')).stdout).toContain('write user:a:b)\n');
    expect((await explain(world, 'device:kiosk', 'theme')).stdout).not.toContain('warning');
    for (const context of ['', 'user:', ':alice']) {
      const empty = await explain(world, context);
      expect(empty).toMatchObject({ code: 1, stdout: '' });
      expect(empty.stderr).toContain('write the key of a user, or kind:key');
    }
  });

  it.concurrent('counts the projects that lack a flag, if there are many', async () => {
    const one = { environments: { production: {} }, flags: { theme: {} } };
    const names = ['a', 'b', 'c', 'd'];
    const world = await startWorld({
      simulator: {
        seed: {
          tokens: [{ token: 'api-reader', role: 'reader' }],
          projects: Object.fromEntries(names.map((name) => [name, one])),
        },
      },
      files: Object.fromEntries(
        names.map((name) => [`overrides/${name}.yaml`, `project: ${name}\nenvironment: production\n`]),
      ),
    });
    expect((await explain(world, 'alice', 'thme')).stderr).toContain(
      'there is no flag thme in any of 4 projects (did you mean theme?)',
    );
  });

  it.concurrent('explains what is live without a repository', async () => {
    const world = await startWorld({ git: false });
    world.touch('theme', 'alice', 'dark');
    const none = await explain(world, 'alice', '--allow-empty');
    expect(none).toMatchObject({ code: 1, stdout: '' });
    expect(none.stderr).toContain('nothing says which project and environment to explain');
    const scope = ['--project', 'storefront', '--environment', 'production', '--allow-empty'];
    const run = await explain(world, 'alice', 'theme', ...scope);
    expect(run).toMatchObject({ code: 0 });
    expect(run.stdout).toContain(
      'declared  nowhere\n  state     unmanaged: not declared and not ours; left alone\n',
    );
    const missing = await explain(world, 'alice', 'theme', ...scope.with(3, 'prod'));
    expect(missing).toMatchObject({ code: 1, stdout: '' });
    expect(missing.stderr).toContain('prod');
  });
});
