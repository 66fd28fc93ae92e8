import { readFileSync } from 'node:fs';
import pLimit from 'p-limit';
import { expect, it, vi } from 'vitest';
import { interruptingGit } from '../support/interrupting-git.js';
import { config, overrides, startWorld, type World } from '../support/world.js';
import { latch } from '../simulator/support/latch.js';
import { startServer } from '../support/server.js';

const FILES = {
  'flagops.yaml': config({ rate: { concurrency: 1 } }),
  'overrides/a.yaml': overrides({
    alice: { banner: { show: false }, 'checkout-v2': true, theme: 'dark' },
    bob: { theme: 'dark' },
  }),
};

it.concurrent.each([
  ['SIGINT', [], 'on standard output'],
  ['SIGTERM', ['--out', 'result.json'], 'in result.json'],
] as const)(
  '%s lets requests in flight finish, skips the rest and exits with 130; running again completes the work',
  async (signal, options, where) => {
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
    const running = world.start(['apply', '--yes', '--format', 'json', ...options]);
    let stderr = '';
    running.child.stderr?.on('data', (text: string) => (stderr += text));
    await vi.waitFor(() => expect(arrived).toBe(1), { timeout: 50_000 });
    running.child.kill(signal);
    await vi.waitFor(() => expect(stderr).toContain('Interrupted: '), { timeout: 50_000 });
    writing.open();
    const run = await running.done;
    expect(run.code).toBe(130);
    expect(run.stderr).toContain(
      '\nInterrupted: 0 of 4 changes done. Finishing the requests in flight; press Ctrl-C again to stop at once.\n',
    );
    expect(run.stderr).toMatch(
      new RegExp(
        `\nApplied 1 of 4 changes, 3 skipped\\.\nInterrupted: run it again to complete the work\\.\nThe full list is ${where}\\.\n$`,
      ),
    );
    const result = options.length === 0 ? run.stdout : readFileSync(`${world.repo.path}/result.json`, 'utf8');
    const { outcomes, exitCode } = JSON.parse(result) as {
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

it.concurrent('an interruption while planning exits with 130 at once', async () => {
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

/** One commit that is applied and two that are not, so that planning asks history about both. */
async function withHistory(): Promise<World> {
  const applied = { alice: { theme: 'dark' }, bob: { theme: 'dark' } };
  const world = await startWorld({ files: { 'overrides/a.yaml': overrides(applied) } });
  world.repo.addRemote();
  world.applied(applied);
  world.repo.commit('Light for Alice', {
    'overrides/a.yaml': overrides({ ...applied, alice: { theme: 'light' } }),
  });
  world.repo.commit('Carol is new', {
    'overrides/a.yaml': overrides({ ...applied, alice: { theme: 'light' }, carol: { theme: 'dark' } }),
  });
  return world;
}

const APPLY = ['apply', '--yes', '--force'];

it('Ctrl-C on a terminal, which git receives too, ends planning with 130 and one line at any time', async () => {
  const world = await withHistory();
  const whole = interruptingGit(0);
  expect((await world.run(['plan'], { env: { PATH: whole.PATH } })).code).toBe(0);
  expect(whole.calls()).toBeGreaterThan(15);
  const calls = Array.from({ length: whole.calls() }, (_, index) => index + 1);
  const limit = pLimit(3);
  const interrupted = await Promise.all(
    calls.map((at) =>
      limit(async () => {
        const { PATH } = interruptingGit(at, at % 2 === 0 ? 'TERM' : 'INT');
        const { code, stdout, stderr } = await world.run(APPLY, { env: { PATH }, ownGroup: true });
        return { at, code, stdout, error: stderr.split('\n').filter((line) => line.includes('error')) };
      }),
    ),
  );
  const expected = { code: 130, stdout: '', error: ['error: interrupted'] };
  expect(interrupted).toEqual(calls.map((at) => ({ at, ...expected })));
  expect(world.writes).toEqual([]);
});

it('Ctrl-C while refs are changed exits with 130, before the first write without one, and after it with the report', async () => {
  const counted = await withHistory();
  const planning = interruptingGit(0);
  await counted.run(['plan'], { env: { PATH: planning.PATH } });
  const all = interruptingGit(0);
  expect((await counted.run(APPLY, { env: { PATH: all.PATH } })).code).toBe(0);
  // The attempt is a tag and a ref; then the last-applied ref moves, and the attempt is deleted.
  expect(all.calls() - planning.calls()).toBe(4);
  await Promise.all(
    [1, 2, 3, 4].map(async (call) => {
      const world = await withHistory();
      const before = world.ref();
      const { PATH } = interruptingGit(planning.calls() + call);
      const run = await world.run(APPLY, { env: { PATH }, ownGroup: true });
      expect(run.code).toBe(130);
      if (call <= 2) {
        expect(run.stdout).toBe('');
        expect(run.stderr).toContain('error: interrupted');
        expect(world.writes).toEqual([]);
        return;
      }
      expect(run.stdout).toContain('Applied 2 of 2 changes.');
      expect(run.stdout).toContain('Read back 2 changes: all are live.');
      expect(run.stdout).toContain('Interrupted: run it again to complete the work.');
      if (call === 3) {
        expect(run.stdout).toMatch(
          /^not recorded {2}the last-applied ref of .* in this clone: interrupted \(run again\)$/m,
        );
        expect(run.stdout).not.toContain('Last applied to');
        expect(world.ref()).toBe(before);
      } else {
        expect(run.stdout).toMatch(
          /^warning: finished attempts could not be deleted in this clone: .*interrupted/m,
        );
        expect(run.stdout).toContain('Last applied to');
      }

      const again = await world.apply('--force');
      expect(again.stdout).toContain('Nothing to apply');
      expect(world.ref()).toBe(world.repo.head);
    }),
  );
});

it.concurrent('an interruption while verifying is reported, and nothing is recorded', async () => {
  const world = await startWorld({ files: { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) } });
  // It never reads back as live, so verification keeps reading it again.
  world.simulator.world.onChange(() => {
    if (world.live('theme', 'alice') === 'dark') world.touch('theme', 'alice', 'contrast');
  });
  const running = world.start(['apply', '--yes', '--format', 'json']);
  const isRead = (): boolean => {
    const methods = world.simulator.requests.map(({ method }) => method);
    return methods.lastIndexOf('GET') > methods.indexOf('PUT') && methods.includes('PUT');
  };
  await vi.waitFor(() => expect(isRead()).toBe(true), { timeout: 50_000, interval: 5 });
  running.child.kill('SIGINT');
  const run = await running.done;
  expect(run.code).toBe(130);
  expect(JSON.parse(run.stdout)).toMatchObject({
    exitCode: 130,
    interrupted: true,
    outcomes: [{ status: 'applied' }],
    verification: { failure: 'interrupted' },
    recorded: [],
  });
  expect(world.ref()).toBeUndefined();
});
