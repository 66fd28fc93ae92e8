import { describe, expect, it } from 'vitest';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { storefrontSeed } from '../support/seeds.js';
import { config, overrides, startWorld, type World, type WorldOptions } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const APPLIED = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };

/** Alice's and Bob's theme were applied. The repository's commits are older than everything that the simulator logs. */
async function applied(options: WorldOptions = {}): Promise<World> {
  const world = await startWorld({ files: { [FILE]: overrides(APPLIED) }, ...options });
  world.applied(APPLIED);
  return world;
}

/** Replaces all targets of the theme in production with a JSON patch, as LaunchDarkly's Terraform provider does. */
async function replaceTargets(world: World, targets: object): Promise<void> {
  const response = await fetch(`${world.url}/api/v2/flags/storefront/theme`, {
    method: 'PATCH',
    headers: { authorization: 'api-writer', 'content-type': 'application/json' },
    body: JSON.stringify({
      comment: 'Terraform',
      patch: [{ op: 'replace', path: '/environments/production/targets', value: targets }],
    }),
  });
  expect(response.status).toBe(200);
}

/** `alice: A Member` for each change, `alice` alone if no author is known. */
async function authors(world: World, ...args: string[]): Promise<string[]> {
  const { changes } = await world.plan(...args);
  return changes.map(({ key, drift }) =>
    drift?.changed === undefined ? key : `${key}: ${drift.changed.by}`,
  );
}

function auditRequests(world: World): string[] {
  return world.simulator.requests.map(({ path }) => path).filter((path) => path.includes('/auditlog'));
}

describe('who changed an override', () => {
  it.concurrent('the author of drift is that of the newest change of exactly that context', async () => {
    const world = await applied();
    world.touch('theme', 'alice', 'contrast');
    await replaceTargets(world, [{ variation: 2, values: ['alice'] }]);
    world.touch('theme', 'bob', 'light', { kind: 'device' });
    world.touch('theme', 'bobby', 'light');
    expect(await authors(world)).toEqual(['alice: A Member', 'bob: the token Writer']);
    const { stdout } = await world.flagops('plan', '--flag', 'theme', '--context', 'bob');
    expect(stdout).toMatch(
      /\[drift\].*\n {8}declared "dark", live none, changed by the token Writer, .{16} UTC: Terraform\n/,
    );
  });

  it.concurrent('the author of drift is escaped in Markdown', async () => {
    const world = await applied();
    world.simulator.setTarget(
      'storefront',
      'production',
      'theme',
      { kind: 'user', key: 'bob', variation: 0 },
      'for @team <b>',
    );
    const { stdout } = await world.flagops('plan', '--format', 'markdown');
    expect(stdout).toContain('A Member');
    expect(stdout).not.toMatch(/@team|<b>|member@example/);
  });

  it.concurrent(
    'the author of drift is unknown if the newest change was ours, or older than the last applied commit',
    async () => {
      const world = await applied();
      const id = world.repo.head.slice(0, 12);
      const touch = (comment: string): void =>
        world.simulator.setTarget(
          'storefront',
          'production',
          'theme',
          { kind: 'user', key: 'bob', variation: 0 },
          comment,
        );
      touch(`Start (${id} by Ada Author)`);
      expect(await authors(world)).toEqual(['bob']);
      const old = await applied({ simulator: { clock: { now: () => Date.UTC(2025, 0, 1) } } });
      old.touch('theme', 'bob', 'light');
      expect(await authors(old)).toEqual(['bob']);
    },
  );

  it.concurrent.each(['status=404', 'status=500', 'malformed', 'reset-before'])(
    'the author of drift is unknown with the fault %s, and nothing else changes',
    async (fault) => {
      const world = await applied({
        simulator: { faults: [parseFault(`${fault},path=/api/v2/auditlog*`)] },
      });
      world.touch('theme', 'alice', 'light');
      world.touch('theme', 'bob', undefined);
      const run = await world.flagops('drift');
      expect(run.code).toBe(2);
      expect(run.stdout).toContain('declared "dark"  live none');
      expect(run.stdout + run.stderr).not.toMatch(/changed by|warning|error/);
      expect(auditRequests(world)).toHaveLength(1);
    },
  );

  it.concurrent('the author of an older change is not named if a newer entry cannot be read', async () => {
    const world = await applied({
      simulator: { faults: [parseFault('status=500,path=/api/v2/auditlog/*')] },
    });
    world.touch('theme', 'alice', 'light');
    world.touch('theme', 'bob', 'light');
    await replaceTargets(world, [{ variation: 2, values: ['alice', 'bob'] }]);
    expect(await authors(world)).toEqual(['alice', 'bob']);
    // After the first failure, no other entry is read.
    expect(auditRequests(world)).toHaveLength(2);
  });

  it.concurrent('a context whose key is a word is not found in descriptions alone', async () => {
    const files = { [FILE]: overrides({ target: { theme: 'dark' }, 'bob-1': { theme: 'dark' } }) };
    const world = await startWorld({
      files,
      simulator: { faults: [parseFault('status=500,path=/api/v2/auditlog/*')] },
    });
    world.applied({ 'bob-1': { theme: 'dark' } });
    world.touch('theme', 'target', 'light');
    world.touch('theme', 'bob-1', 'light');
    expect(await authors(world)).toEqual(['bob-1: A Member', 'target']);
  });

  it.concurrent('the audit log is asked with at most 20 requests, and not at all without drift', async () => {
    const flags = Array.from({ length: 25 }, (_, index) => `flag-${index}`);
    const { theme } = storefrontSeed({}).projects['storefront']?.flags ?? {};
    const seed = storefrontSeed({ flags: Object.fromEntries(flags.map((flag) => [flag, theme])) });
    const settings = { alice: Object.fromEntries(flags.map((flag) => [flag, 'dark'])) };
    const world = await startWorld({ files: { [FILE]: overrides(settings) }, simulator: { seed } });
    world.applied(settings);
    expect((await world.flagops('plan')).code).toBe(0);
    expect(auditRequests(world)).toEqual([]);
    for (const flag of flags) world.touch(flag, 'alice', 'light');
    const named = (await authors(world)).filter((author) => author.includes('A Member'));
    expect(named.length).toBeGreaterThan(5);
    expect(auditRequests(world)).toHaveLength(20);
  });
});

describe('the warning about repeated repairs', () => {
  it.concurrent.each([
    { how: 'PUTs', template: undefined, args: [] },
    { how: 'patches', template: undefined, args: ['--batch'] },
    { how: 'comments without a commit', template: 'flag change: {subject}', args: [] },
  ])(
    'a warning names the author who undoes what flagops repaired three times with $how',
    async ({ template, args }) => {
      const settings = { comment: { template } };
      const files = {
        [FILE]: overrides(APPLIED),
        ...(template === undefined ? {} : { 'flagops.yaml': config(settings) }),
      };
      const world = await applied({ files });
      for (let repairs = 0; repairs < 3; repairs += 1) {
        world.touch('theme', 'bob', 'light');
        if (repairs === 2) expect((await world.plan()).warnings).toEqual([]);
        await world.apply('--only', 'drift', ...args);
        world.touch('theme', 'carol', repairs % 2 === 0 ? 'light' : 'dark');
      }
      expect((await world.plan()).warnings).toEqual([]);
      world.touch('theme', 'bob', 'light');
      world.touch('theme', 'alice', 'light');
      expect((await world.plan()).warnings).toEqual([
        'theme for user "bob" in storefront/production was repaired at least 3 times within 24 hours, and changed again by A Member: let only one of the two manage it (see docs/drift.md)',
      ]);
      expect((await world.flagops('drift')).stdout).toContain('repaired at least 3 times');
    },
  );
});
