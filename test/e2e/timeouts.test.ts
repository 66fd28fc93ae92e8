import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { parseFault } from '../../src/simulator/faults/parse.js';
import { stuckGit } from '../support/interrupting-git.js';
import { config, overrides, startWorld } from '../support/world.js';

const FILES = {
  'flagops.yaml': config({ rate: { concurrency: 1 }, timeouts: { run: '3s' } }),
  'overrides/a.yaml': overrides({ alice: { banner: { show: false }, theme: 'dark' } }),
};

it.concurrent.each([
  ['always', 1, 'Applied 0 of 2 changes, 2 skipped.'],
  ['every=2', 3, 'Applied 1 of 2 changes, 1 skipped.'],
])(
  'a long Retry-After (%s) ends with timeouts.run and a report: exit code %i',
  async (when, code, summary) => {
    const world = await startWorld({ files: FILES });
    world.simulator.faults.add(parseFault(`ip-limit=86400,${when},method=PUT`));
    const start = performance.now();
    const run = await world.flagops('apply', '--yes');
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(run.stdout).toContain(summary);
    expect(run.stdout).toMatch(
      /skipped .*: the run reached its time limit \(3 s\): rate limited by LaunchDarkly, continuing in \d+ s/,
    );
    expect(run.stderr).toMatch(/^waiting: rate limited by LaunchDarkly, continuing in 86\d+ s$/m);
    expect(run.code).toBe(code);
    expect(world.ref()).toBeUndefined();
  },
);

it.concurrent('a git remote that does not answer is given up after timeouts.run', async () => {
  const silent = createServer(() => undefined);
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const world = await startWorld({ files: FILES });
  const { port } = silent.address() as AddressInfo;
  world.repo.git('remote', 'add', 'origin', `git://127.0.0.1:${port}/x.git`);
  const start = performance.now();
  const run = await world.flagops('plan');
  expect(performance.now() - start).toBeLessThan(20_000);
  expect(run.stderr).toMatch(/^error: the run reached its time limit \(3 s\)/m);
  expect(run.code).toBe(1);
});

it.concurrent.each(['ls-tree', 'cat-file --batch'])(
  'a git %s that hangs while planning ends with timeouts.run',
  async (command) => {
    const world = await startWorld({ files: FILES });
    const git = stuckGit(command, 'hangs');
    const start = performance.now();
    const run = await world.run(['plan'], { env: { PATH: git.PATH } });
    expect(git.isReached()).toBe(true);
    expect(performance.now() - start).toBeLessThan(20_000);
    expect(run.stderr).toMatch(/^error: the run reached its time limit \(3 s\): reading from git \(/m);
    expect(run.code).toBe(1);
  },
);
