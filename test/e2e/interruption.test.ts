import { expect, it, vi } from 'vitest';
import { config, overrides, startWorld } from '../support/world.js';
import { latch } from '../simulator/support/latch.js';
import { startServer } from '../support/server.js';

const FILES = {
  'flagops.yaml': config({ rate: { concurrency: 1 } }),
  'overrides/a.yaml': overrides({
    alice: { banner: { show: false }, 'checkout-v2': true, theme: 'dark' },
    bob: { theme: 'dark' },
  }),
};

it.concurrent.each(['SIGINT', 'SIGTERM'] as const)(
  '%s lets what is under way finish, skips the rest and ends with 130; running again completes the work',
  async (signal) => {
    let arrived = 0;
    const writing = latch();
    const world = await startWorld({
      simulator: {
        writeDuration: () => {
          arrived += 1;
          return writing.opened();
        },
      },
      files: FILES,
    });
    const running = world.start(['apply', '--yes', '--format', 'json']);
    let stderr = '';
    running.child.stderr?.on('data', (text: string) => (stderr += text));
    await vi.waitFor(() => expect(arrived).toBe(1), { timeout: 50_000 });
    running.child.kill(signal);
    await vi.waitFor(() => expect(stderr).toContain('Interrupted: '), { timeout: 50_000 });
    writing.open();
    const run = await running.done;
    expect(run.code).toBe(130);
    const { outcomes, exitCode } = JSON.parse(run.stdout) as {
      readonly exitCode: number;
      readonly outcomes: readonly { readonly status: string; readonly reason: string }[];
    };
    expect(exitCode).toBe(130);
    expect(outcomes.map(({ status, reason }) => `${status} ${reason}`)).toEqual([
      'applied written',
      'skipped interrupted',
      'skipped interrupted',
      'skipped interrupted',
    ]);
    expect(world.writes).toHaveLength(1);
    expect(world.ref()).toBeUndefined();

    const again = await world.apply();
    expect(again.stdout).toContain('Applied 3 of 3 changes.');
    expect(world.writes).toHaveLength(4);
    expect(world.ref()).toBe(world.repo.head);
  },
);

it.concurrent('an interruption while planning ends with 130 too, at once', async () => {
  const world = await startWorld({ files: FILES });
  let asked = 0;
  const silent = await startServer(() => (asked += 1));
  const running = world.start(['plan', '--base-url', silent]);
  await vi.waitFor(() => expect(asked).toBeGreaterThan(0), { timeout: 50_000 });
  running.child.kill('SIGINT');
  const run = await running.done;
  expect(run).toMatchObject({ code: 130, stdout: '' });
  expect(run.stderr).toMatch(/^error: interrupted/m);
});
