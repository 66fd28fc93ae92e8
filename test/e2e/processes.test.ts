import { expect, it } from 'vitest';
import { type CliOptions, type Run, runCli, startCli } from '../support/cli.js';
import { temporaryFolder } from '../support/repository.js';
import { config, overrides, startWorld, type World } from '../support/world.js';

// Most tests run commands in the process of the tests. These compare that with running them as a child process.

/** A world in which there is something to add, to remove and to report as drift. */
async function busyWorld(): Promise<World> {
  const both = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
  const world = await startWorld({ files: { 'overrides/a.yaml': overrides(both) } });
  world.applied(both);
  world.repo.commit('Carol instead of Bob', {
    'flagops.yaml': config({}, { limits: { removals: '100%' } }),
    'overrides/a.yaml': overrides({ alice: { theme: 'dark' }, carol: { theme: 'contrast' } }),
  });
  world.touch('theme', 'alice', 'light');
  return world;
}

function inProcess(world: World, args: readonly string[]): Promise<Run> {
  return world.run(args);
}

function asProcess(world: World, args: readonly string[]): Promise<Run> {
  return world.start(args).done;
}

/** The result of a run, without the port of its LaunchDarkly and the fingerprint that depends on it. */
function portable({ code, stdout, stderr }: Run, { url }: World): Run {
  const without = (text: string): string =>
    text.replaceAll(new URL(url).host, 'HOST').replaceAll(/\b[0-9a-f]{64}\b/g, 'FINGERPRINT');
  return { code, stdout: without(stdout), stderr: without(stderr) };
}

it.each([
  [0, ['validate', '--format', 'json']],
  [2, ['plan', '--detailed-exitcode']],
  [0, ['plan', '--format', 'json']],
  [2, ['drift']],
  [0, ['matrix', '--shards', '2']],
  [1, ['apply']],
  [1, ['plan', '--config', 'none.yaml']],
  [1, ['plan', '--no-such-option']],
])(
  'flagops as a process exits with %i and has the same output as in this process for %j',
  async (code, args) => {
    const world = await busyWorld();
    const run = await asProcess(world, args);
    expect(run).toEqual(await inProcess(world, args));
    expect(run.code).toBe(code);
  },
);

it('a plan in a pipe has no colours, in CI either', async () => {
  const world = await busyWorld();
  const { stdout, stderr } = await world.start(['plan'], { env: { CI: 'true' } }).done;
  expect(stdout).toContain('1 to add');
  expect(stdout + stderr).not.toContain('\u001b');
});

it('apply as a process makes the same writes as in this process', async () => {
  const worlds = [await busyWorld(), await busyWorld()] as const;
  const args = ['apply', '--yes'];
  const runs = [await asProcess(worlds[0], args), await inProcess(worlds[1], args)] as const;
  expect(portable(runs[0], worlds[0])).toEqual(portable(runs[1], worlds[1]));
  expect(runs[0]).toMatchObject({ code: 0, stdout: expect.stringContaining('Applied 3 of 3') as string });
  expect(worlds[0].writes).toEqual(worlds[1].writes);
  expect(worlds[0].ref()).toBe(worlds[0].repo.head);
});

it('init as a process has the same output as in this process', async () => {
  const run = (start: (args: readonly string[], options: CliOptions) => Promise<Run>): Promise<Run> =>
    start(['init'], { cwd: temporaryFolder() });
  const written = await run((args, options) => startCli(args, options).done);
  expect(written).toEqual(await run(runCli));
  expect(written.code).toBe(0);
});
