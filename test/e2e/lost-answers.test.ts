import { expect, it, vi } from 'vitest';
import { parseFault } from '../../src/simulator/faults/parse.js';
import type { Run, Running } from '../support/cli.js';
import { config, overrides, startWorld, type World } from '../support/world.js';

const ALICE = { 'overrides/a.yaml': overrides({ alice: { theme: 'dark' } }) };

/** The first write takes effect, but its answer is lost; the second one is refused. */
const LOST_THEN_REFUSED = ['reset-after,once', 'status=410,every=2'];

/** A world in which every write to LaunchDarkly meets these faults. */
async function worldWith(
  writes: 'put' | 'batch',
  faults: readonly string[],
  more: Readonly<Record<string, unknown>> = {},
): Promise<World> {
  const world = await startWorld({
    files: { 'flagops.yaml': config({ writes, rate: { concurrency: 1 }, ...more }), ...ALICE },
  });
  const method = writes === 'put' ? 'PUT' : 'PATCH';
  for (const fault of faults) world.simulator.faults.add(parseFault(`${fault},method=${method}`));
  return world;
}

/** Adds a fault for reads as soon as a write has taken effect. */
function disturbReads(world: World, fault: string): void {
  let isFirst = true;
  world.simulator.world.onChange(() => {
    if (isFirst) world.simulator.faults.add(parseFault(`${fault},method=GET`));
    isFirst = false;
  });
}

interface Report {
  readonly exitCode: number;
  readonly outcomes: readonly {
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }[];
  readonly verification: unknown;
  readonly recorded: readonly unknown[];
}

const reportOf = ({ stdout }: Run): Report => JSON.parse(stdout) as Report;
const ends = ({ outcomes }: Report): string[] => outcomes.map(({ status, reason }) => `${status} ${reason}`);
const JSON_APPLY = ['apply', '--yes', '--format', 'json'] as const;

it.concurrent.each([
  ['SIGINT', 'put', 'reset-after', 'applied found-live', 'dark'],
  ['SIGTERM', 'put', 'reset-before', 'failed answer-lost', undefined],
  ['SIGTERM', 'batch', 'status-after=502', 'applied found-live', 'dark'],
  ['SIGINT', 'batch', 'status=503', 'failed answer-lost', undefined],
] as const)(
  '%s during a retry (%s, %s) looks the override up: %s',
  async (signal, writes, fault, end, live) => {
    const world = await worldWith(writes, [fault]);
    const running = world.start([...JSON_APPLY]);
    await vi.waitFor(() => expect(world.writes.length).toBeGreaterThan(1), { timeout: 50_000 });
    running.child.kill(signal);
    const run = await running.done;
    expect(ends(reportOf(run))).toEqual([end]);
    expect(world.live('theme', 'alice')).toBe(live);
    expect(run.code).toBe(130);
    expect(reportOf(run).exitCode).toBe(130);
  },
);

it.concurrent.each(['put', 'batch'] as const)(
  'an interruption during a retry (%s) reports the outcome as unknown if LaunchDarkly cannot be reached',
  async (writes) => {
    const world = await worldWith(writes, ['reset-after']);
    const running = world.start([...JSON_APPLY]);
    await vi.waitFor(() => expect(world.writes.length).toBeGreaterThan(1), { timeout: 50_000 });
    await world.simulator.stop();
    running.child.kill('SIGINT');
    const run = await running.done;
    const report = reportOf(run);
    expect(ends(report)).toEqual(['unknown lookup-failed']);
    expect(report.outcomes[0]?.message).toMatch(
      /^interrupted; an answer was lost, and looking .* cannot reach/,
    );
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(run.code).toBe(130);
    expect(world.ref()).toBeUndefined();
  },
);

it.concurrent.each([
  ['put', 'reset-after', 'applied found-live', 'dark'],
  ['batch', 'status=500', 'failed answer-lost', undefined],
] as const)(
  'the time limit of the run while waiting for a retry (%s, %s) looks the override up: %s',
  async (writes, fault, end, live) => {
    const faults = [`${fault},once`, 'ip-limit=86400,every=2'];
    const world = await worldWith(writes, faults, { timeouts: { run: '8s' } });
    const run = await world.flagops(...JSON_APPLY);
    expect(ends(reportOf(run))).toEqual([end]);
    expect(world.live('theme', 'alice')).toBe(live);
    // The flag was looked up, but there was no time left to read it back.
    expect(reportOf(run).verification).toMatchObject({ failure: expect.any(String) as string });
    expect(run.code).toBe(3);
    expect(world.ref()).toBeUndefined();
  },
);

it.concurrent.each(['put', 'batch'] as const)(
  'a lost answer that is followed by a 409 (%s) is not attributed to another writer',
  async (writes) => {
    const world = await worldWith(writes, ['reset-after,once', 'conflict,every=2']);
    const run = await world.flagops(...JSON_APPLY);
    const report = reportOf(run);
    expect(ends(report)).toEqual(['applied found-live']);
    expect(report.outcomes[0]?.message).not.toContain('another write');
    expect(world.writes.map(({ status }) => status)).toEqual([0, 409]);
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(run.code).toBe(0);
    expect(world.ref()).toBe(world.repo.head);
  },
);

it.concurrent.each(['text', 'markdown', 'json'] as const)(
  'a write that cannot be looked up is counted and shown as unknown (%s), exits with 3 and records nothing',
  async (format) => {
    const world = await worldWith('put', LOST_THEN_REFUSED, { api: 'contexts' });
    disturbReads(world, 'api-version');
    const run = await world.flagops('apply', '--yes', '--format', format);
    expect(world.live('theme', 'alice')).toBe('dark');
    expect(run.code).toBe(3);
    expect(world.ref()).toBeUndefined();
    if (format === 'json') expect(ends(reportOf(run))).toEqual(['unknown lookup-failed']);
    else expect(run.stdout).toMatch(/applied 0 of 1 change, 1 unknown/i);
    expect(run.stdout).toContain('an answer was lost, and looking the override up failed');
    world.simulator.faults.clear();
    expect((await world.apply()).stdout).toContain('Nothing to apply');
    expect(world.ref()).toBe(world.repo.head);
  },
);

it.concurrent('reading back decides an outcome that was unknown', async () => {
  const world = await worldWith('put', LOST_THEN_REFUSED, { api: 'contexts' });
  disturbReads(world, 'api-version,once');
  const run = await world.flagops(...JSON_APPLY);
  expect(ends(reportOf(run))).toEqual(['applied found-live']);
  expect(run.code).toBe(0);
});

it.concurrent('a patch whose answer was lost is looked up once for all of its changes', async () => {
  const users = Object.fromEntries(['a', 'b', 'c'].map((user) => [user, { theme: 'dark' }]));
  const world = await startWorld({
    files: { 'flagops.yaml': config({ writes: 'batch' }), 'overrides/a.yaml': overrides(users) },
  });
  for (const fault of ['reset-after,once', 'status=405,every=2'])
    world.simulator.faults.add(parseFault(`${fault},method=PATCH`));
  const run = await world.flagops(...JSON_APPLY, '--no-verify');
  expect(ends(reportOf(run))).toEqual(['a', 'b', 'c'].map(() => 'applied found-live'));
  const methods = world.simulator.requests.map(({ method }) => method);
  expect(methods.slice(methods.indexOf('PATCH'))).toEqual(['PATCH', 'PATCH', 'GET']);
});

it.concurrent(
  'a lookup after an interruption that does not end is given up after timeouts.attempt',
  async () => {
    const world = await worldWith('put', ['reset-after'], { timeouts: { attempt: '1s' } });
    const running = await startUntilLookupHangs(world);
    const run = await running.done;
    expect(ends(reportOf(run))).toEqual(['unknown lookup-failed']);
    expect(reportOf(run).outcomes[0]?.message).toContain('did not respond in time');
    expect(run.code).toBe(130);
  },
);

it.concurrent('a second Ctrl-C ends a lookup at once', async () => {
  const world = await worldWith('put', ['reset-after']);
  const running = await startUntilLookupHangs(world);
  running.child.kill('SIGINT');
  expect(await running.done).toMatchObject({ code: null, stdout: '' });
});

/** Starts an apply, interrupts it during a retry, and waits until it looks the override up, which never ends. */
async function startUntilLookupHangs(world: World): Promise<Running> {
  disturbReads(world, 'latency=20000');
  const running = world.start([...JSON_APPLY]);
  await vi.waitFor(() => expect(world.writes.length).toBeGreaterThan(1), { timeout: 50_000 });
  running.child.kill('SIGINT');
  const isLookedUp = (): boolean => {
    const methods = world.simulator.requests.map(({ method }) => method);
    return methods.lastIndexOf('GET') > methods.indexOf('PUT');
  };
  await vi.waitFor(() => expect(isLookedUp()).toBe(true), { timeout: 50_000, interval: 5 });
  return running;
}
