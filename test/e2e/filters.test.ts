import { describe, expect, it } from 'vitest';
import { overrides, startWorld, type World } from '../support/world.js';

const FILE = 'overrides/a.yaml';
const APPLIED = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };

/** Applied once; since then one override was added, one changed, and Bob's removed. */
async function moved(): Promise<World> {
  const world = await startWorld({ files: { [FILE]: overrides(APPLIED) } });
  world.applied(APPLIED);
  world.touch('theme', 'zoe', 'contrast');
  world.repo.commit('Carol instead of Bob', {
    [FILE]: overrides({ alice: { theme: 'light' }, carol: { theme: 'dark' } }),
  });
  return world;
}

it.concurrent.each(['plan', 'apply', 'drift'])(
  '%s with a filter that matches no known name exits with 1 and one line',
  async (command) => {
    const world = await moved();
    const run = await world.flagops(command, '--environment', 'prod');
    expect(run).toMatchObject({ code: 1, stdout: '' });
    expect(run.stderr.trimEnd().split('\n').slice(1)).toEqual([
      'error: --environment prod matches no known environment (did you mean production?)',
    ]);
  },
);

describe('the count of changes that filters leave out', () => {
  const NOTHING = ['--context', 'zoe'];
  const SOME = ['--context', 'carol'];
  const MATCHES = /live matches|no changes\b|No difference|No drift: /;

  it.concurrent('plan counts the changes that filters leave out', async () => {
    const world = await moved();
    const nothing = await world.flagops('plan', ...NOTHING);
    expect(nothing.code).toBe(0);
    expect(nothing.stdout).toContain('\nNothing selected: the filters leave out 3 changes.\nFingerprint: ');
    expect(nothing.stdout).not.toMatch(MATCHES);
    expect((await world.flagops('plan', ...SOME)).stdout).toContain(
      'Plan: 1 to add (2 changes filtered out).',
    );
    const markdown = (await world.flagops('plan', '--format', 'markdown', ...NOTHING)).stdout;
    expect(markdown).toMatch(/^### flagops: nothing selected, 3 changes filtered out\n/);
    expect(markdown).not.toMatch(MATCHES);
  });

  it.concurrent('apply counts the changes that filters leave out', async () => {
    const world = await moved();
    const nothing = await world.flagops('apply', '--yes', ...NOTHING);
    expect(nothing.code).toBe(0);
    expect(nothing.stdout).toBe('Nothing to apply: the filters leave out 3 changes.\n');
    expect(nothing.stderr).not.toMatch(MATCHES);
    const some = await world.flagops('apply', '--yes', ...SOME);
    expect(some.stdout).toMatch(/^Applied 1 of 1 change; the filters leave out 2 changes\.$/m);
    const markdown = (await world.flagops('apply', '--yes', '--format', 'markdown', ...NOTHING)).stdout;
    expect(markdown).toMatch(/^### flagops: nothing to apply: the filters leave out 2 changes\n/);
    expect(markdown).not.toMatch(MATCHES);
  });

  it.concurrent('drift counts the changes that filters leave out', async () => {
    const world = await moved();
    const { code, stdout } = await world.flagops('drift', ...NOTHING);
    expect(code).toBe(0);
    expect(stdout).toBe('No drift in what the filters select; they leave out 3 changes of the whole plan.\n');
    const markdown = (await world.flagops('drift', '--format', 'markdown', ...NOTHING)).stdout;
    expect(markdown).toMatch(/^### flagops: no drift in what the filters select\n/);
  });

  it.concurrent('a shard with nothing to do counts the changes of other shards', async () => {
    const world = await moved();
    // All changes are of one flag, so one of the two shards has nothing to do.
    const runs = await Promise.all(['1/2', '2/2'].map((shard) => world.flagops('plan', '--shard', shard)));
    const idle =
      runs.findIndex(({ stdout }) => stdout.match(/ {2}\[[^\]]*other shard\] /g)?.length === 3) + 1;
    expect(runs[idle - 1]?.stdout).not.toMatch(MATCHES);
    for (const format of ['text', 'markdown']) {
      const run = await world.flagops('apply', '--yes', '--shard', `${idle}/2`, '--format', format);
      expect(run.code).toBe(0);
      expect(run.stdout).toMatch(/nothing to apply in this shard: 3 changes left to other shards/i);
      expect(run.stdout).not.toMatch(MATCHES);
    }
    expect(world.writes).toEqual([]);
  });
});
