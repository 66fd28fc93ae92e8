import type { ChildProcess } from 'node:child_process';
import { chownSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { latch } from '../simulator/support/latch.js';
import { NODE_24, pullRequest, startJob } from '../support/action.js';
import { config, overrides } from '../support/world.js';

const FILES = {
  'flagops.yaml': config({ rate: { concurrency: 1 } }),
  'overrides/a.yaml': overrides({ alice: { 'checkout-v2': true, theme: 'dark' }, bob: { theme: 'dark' } }),
};

describe.skipIf(NODE_24 === undefined)('on a runner', () => {
  it('a cancelled apply finishes requests in flight, and reports what is left', async () => {
    let arrived = 0;
    const writing = latch();
    const writeDuration = (): Promise<void> => {
      arrived += 1;
      return writing.opened();
    };
    const job = await startJob({ files: FILES, simulator: { writeDuration } });
    let child: ChildProcess | undefined;
    let log = '';
    const running = job.run({
      event: 'push',
      onStart: (started) => {
        child = started;
        started.stdout?.on('data', (text: string) => (log += text));
      },
    });
    await vi.waitFor(() => expect(arrived).toBe(1), { timeout: 50_000 });
    // GitHub cancels with SIGINT, and kills ten seconds later.
    child?.kill('SIGINT');
    await vi.waitFor(() => expect(log).toContain('Interrupted: '), { timeout: 50_000 });
    writing.open();
    const run = await running;
    expect(run.code).toBe(130);
    expect(run.outputs).toMatchObject({ applied: '1', failed: '0', 'exit-code': '130' });
    expect(run.summary.match(/^- skipped: /gm)).toHaveLength(2);
    expect(job.world.ref()).toBeUndefined();

    const again = await job.run({ event: 'push' });
    expect(again.outputs).toMatchObject({ applied: '2', 'exit-code': '0' });
    expect(job.world.ref()).toBe(job.world.repo.head);
  });

  it('a cancelled plan ends with exit code 130', async () => {
    const job = await startJob({ files: FILES });
    const answering = latch();
    job.github.before = () => answering.opened();
    let child: ChildProcess | undefined;
    const running = job.run({ event: 'push', onStart: (started) => (child = started) });
    await vi.waitFor(() => expect(job.github.arrived).toBe(1), { timeout: 50_000 });
    child?.kill('SIGTERM');
    const run = await running;
    answering.open();
    expect(run.code).toBe(130);
    expect(run.outputs).toMatchObject({ applied: '0', 'exit-code': '130' });
    expect(job.world.simulator.requests).toEqual([]);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'a checkout that belongs to another user is read, as in a job that runs in a container',
    async () => {
      const job = await startJob({ files: FILES });
      const { path } = job.world.repo;
      const entries = readdirSync(path, { recursive: true, encoding: 'utf8' }).map((name) =>
        join(path, name),
      );
      for (const entry of [path, ...entries]) chownSync(entry, 65_534, 65_534);
      const byCli = await job.world.flagops('plan');
      expect(byCli.stderr).toContain('dubious ownership');
      const run = await job.run({ event: 'pull_request', payload: pullRequest(7), ref: 'refs/pull/7/merge' });
      expect(run.annotations).toEqual([]);
      expect(run.outputs['adds']).toBe('3');
    },
  );
});
