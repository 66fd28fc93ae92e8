import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { checkLive } from '../model/support/checks.js';
import { type ModelCommit, type ModelState, predict } from '../model/support/model.js';
import { idOf, type ResultJson } from '../model/support/output.js';
import { environmentOf } from '../model/support/program.js';
import { Statistics } from '../model/support/statistics.js';
import { type Edit, edited, EMPTY_TREE, filesOf, type Tree } from '../model/support/tree.js';
import { CONTEXTS, ENVIRONMENTS, type Environment, FLAG_NAMES, type Id } from '../model/support/universe.js';
import { RealWorld, START } from '../model/support/world.js';
import { CLI } from '../support/built.js';
import { randomFrom, type Random } from './random.js';

export const SIGNALS = ['SIGKILL', 'SIGTERM', 'SIGINT'] as const;

export interface KillsResult {
  readonly counts: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

/** Kills processes in the middle of an apply, at random moments, and runs again. */
export async function soakKills(
  { seed, count }: { readonly seed: number; readonly count: number },
  onFailure: (text: string) => void,
): Promise<KillsResult> {
  const statistics = new Statistics();
  const failures: string[] = [];
  for (let index = 0; index < count; index += 1) {
    statistics.count('kills');
    try {
      await kill(randomFrom(seed + index), statistics);
    } catch (error) {
      const text = `kill with seed ${seed + index}: ${error instanceof Error ? error.message : String(error)}`;
      statistics.count('kills with a wrong end');
      failures.push(text);
      onFailure(text);
    }
  }
  return { counts: statistics.counts, failures };
}

/** The real clock. */
const CLOCK = { now: () => Date.now(), pass: () => undefined };

async function kill(random: Random, statistics: Statistics): Promise<void> {
  const world = await RealWorld.open(CLOCK, 4);
  try {
    const state = begin(world, random);
    const first = await again(world, state, 'the first apply');
    if (first !== 0) throw new Error(`the first apply ended with ${first}`);

    checkOut(world, state, commit(world, state.head, someEdits(random, 20)));
    const plan = predict(state, { now: CLOCK.now(), force: true });
    const writes = new Map(plan.changes.map(({ id, after }) => [id, after]));
    const signal = random.pick(SIGNALS);
    const end = await interrupted(world, signal, random);
    statistics.count(`kill with ${signal}`);
    if (end.writes > 0) statistics.count(`kill with ${signal} while writing`);
    const live = world.live();
    checkLive(signal, live, state.live, writes);
    if (signal !== 'SIGKILL' && end.code !== null)
      checkEnd(
        end,
        live,
        plan.changes.map(({ id }) => id),
        state.live,
      );
    const moved = ENVIRONMENTS.filter((environment) => refOf(world, environment) === state.head.id);
    for (const { id, after } of plan.changes) {
      if (moved.some((environment) => id.startsWith(environment)) && live.get(id) !== after)
        throw new Error(`the ref moved, but ${id} was not written`);
    }
    for (const environment of moved) state.applied.set(environment, state.head);
    state.live = live;
    if (end.writes > 0) {
      state.attempts = ENVIRONMENTS.map((environment) => ({
        commit: state.head,
        environment,
        selection: {},
        expires: Number.MAX_SAFE_INTEGER,
      }));
    }

    // Run again: the same commit, or one that knows nothing of it.
    const [parent] = state.head.parents;
    const isLost = random.below(2) === 0;
    if (isLost && parent !== undefined) checkOut(world, state, commit(world, parent, someEdits(random, 3)));
    const expected = new Map(state.live);
    for (const { id, after } of predict(state, { now: CLOCK.now(), force: true }).changes) {
      if (after === undefined) expected.delete(id);
      else expected.set(id, after);
    }
    const last = await again(world, state, isLost ? 'a run of another commit' : 'the same run again');
    if (last !== 0) throw new Error(`the run afterwards ended with ${last}`);
    checkLive('the run afterwards', world.live(), expected, new Map());
    for (const environment of ENVIRONMENTS) {
      if (refOf(world, environment) !== state.head.id)
        throw new Error(`the ref of ${environment} did not move`);
    }
  } finally {
    await world.close();
  }
}

function begin(world: RealWorld, random: Random): ModelState {
  const head = commit(world, undefined, someEdits(random, 12));
  const state: ModelState = { start: START, head, live: new Map(), applied: new Map(), attempts: [] };
  checkOut(world, state, head);
  const manual: Id = `production theme ${random.pick(CONTEXTS)}`;
  if (!head.tree.entries.has(manual)) {
    world.touch(manual, 2);
    state.live.set(manual, 2);
  }
  return state;
}

function someEdits(random: Random, count: number): readonly Edit[] {
  return Array.from({ length: count }, (): Edit => {
    const id: Id = `${random.pick(ENVIRONMENTS)} ${random.pick(FLAG_NAMES)} ${random.pick(CONTEXTS)}`;
    return random.below(5) === 0
      ? { type: 'withdraw', id }
      : { type: 'declare', id, setting: random.below(2), file: random.below(2) };
  });
}

function commit(world: RealWorld, parent: ModelCommit | undefined, edits: readonly Edit[]): ModelCommit {
  const tree: Tree = edited(parent?.tree ?? EMPTY_TREE, edits);
  const parents = parent === undefined ? [] : [parent];
  const ids = parents.map(({ id }) => id);
  return { id: world.repository.commit(filesOf(tree, START), ids, 'A change'), tree, parents };
}

function checkOut(world: RealWorld, state: ModelState, head: ModelCommit): void {
  world.repository.checkOut(head.id, filesOf(head.tree, START));
  state.head = head;
}

/** An apply that is left alone. Updates the state. */
async function again(world: RealWorld, state: ModelState, what: string): Promise<number> {
  const args = ['apply', '--yes', '--force', '--allow-rewind', '--allow-empty', '--format', 'json'];
  const run = await world.run(args, world.nextToken());
  if (run.code !== 0) throw new Error(`${what}: ${run.code}\n${run.stderr}\n${run.stdout}`);
  if (what === 'the first apply') {
    state.live = world.live();
    for (const environment of ENVIRONMENTS) state.applied.set(environment, state.head);
  }
  return run.code;
}

function refOf(world: RealWorld, environment: Environment): string | undefined {
  return world.repository.ref(world.refName(environment));
}

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly writes: number;
}

/** Starts an apply in a process and sends the signal at a random moment. */
async function interrupted(world: RealWorld, signal: NodeJS.Signals, random: Random): Promise<End> {
  const token = world.nextToken();
  let writes = 0;
  // Half of the signals come at a random time, half at a random write.
  const atWrite = random.below(2) === 0 ? 1 + random.below(8) : undefined;
  let strike: () => void = () => undefined;
  const struck = new Promise<void>((resolve) => (strike = resolve));
  world.gateway.expect(token, {
    before: ({ method, write }) => {
      if (method === 'GET') return 'on';
      writes += 1;
      if (write === atWrite) setTimeout(strike, random.below(8));
      return 'on';
    },
  });
  const args = [CLI, 'apply', '--yes', '--force', '--allow-empty', '--format', 'json'];
  const child = spawn(process.execPath, args, {
    cwd: world.repository.path,
    env: { ...environmentOf(), LAUNCHDARKLY_ACCESS_TOKEN: token, LAUNCHDARKLY_BASE_URL: world.url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const closed = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
  });
  if (atWrite === undefined) setTimeout(strike, random.below(1500));
  await Promise.race([struck, closed]);
  child.kill(signal);
  const code = await closed;
  if ((stdout + stderr).includes(token)) throw new Error('the token is in the output');
  if (/^\s+at .*[:(]/m.test(stdout + stderr)) throw new Error(`a stack trace: ${stderr}`);
  // What was on its way may still arrive.
  await world.gateway.idle(token);
  await delay(10);
  return { code, stdout, stderr, writes };
}

/** The end of a process that could still say something. */
function checkEnd(
  end: End,
  live: ReadonlyMap<Id, number>,
  changed: readonly Id[],
  before: ReadonlyMap<Id, number>,
): void {
  const { code, stdout, stderr } = end;
  if (code !== 130 && code !== 0)
    throw new Error(`ended with ${code ?? 'nothing'}\n${stderr}\n${stdout.slice(0, 400)}`);
  if (stdout === '') {
    if (end.writes > 0) throw new Error(`wrote, and reported nothing\n${stderr}`);
    return;
  }
  const result = JSON.parse(stdout) as ResultJson;
  for (const { change, status, reason } of result.outcomes) {
    const id = changed.find((one) => one === idOf(change));
    if (id === undefined) throw new Error(`an outcome for ${idOf(change)}`);
    const isLive = live.get(id) !== before.get(id);
    if (status === 'applied' && !isLive) throw new Error(`untrue outcome: ${id} applied, but not live`);
    if ((status === 'skipped' || status === 'failed') && isLive)
      throw new Error(`untrue outcome: ${id} ${status} (${reason}), but live`);
  }
}
