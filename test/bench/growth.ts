import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { declare } from '../../src/planning/read-declarations.js';
import type { LiveProject } from '../../src/reconcile/state.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { commitAll, FLAGS, writeDeclarations } from './support/declarations.js';
import { exponent, type Point } from './support/exponent.js';
import { liveProject, liveSeed } from './support/live.js';
import { collectGarbage } from './support/garbage.js';
import { CLI, measure } from './support/measure.js';
import { type Row, whole } from './support/row.js';
import { planFor, SCOPE } from './support/work.js';

/** Overrides: 1, 10 and 100 files of 200 users with 5 flags each. */
const SIZES = [1000, 10_000, 100_000] as const;
const LARGEST = 100_000;
const USERS_IN_A_FILE = 200;

const PARSED = join('.git', 'flagops', 'parsed');
const MEMORY = 400;
const COMMAND = 'the command, without startup';

/** How time and memory of parsing and planning grow with the number of overrides. */
export async function benchGrowth(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'flagops-bench-'));
  try {
    const folders = new Map(SIZES.map((size) => [size, join(folder, String(size))] as const));
    for (const [size, path] of folders) {
      const users = size / FLAGS.length;
      writeDeclarations(path, users, users / USERS_IN_A_FILE);
    }
    // Outside a repository nothing is cached, so every run parses everything.
    const inProcess = await measureInProcess(folders);
    for (const path of folders.values()) commitAll(path);
    return [...inProcess, ...(await measureCommands(folders))];
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

type Folders = ReadonlyMap<number, string>;

async function measureInProcess(folders: Folders): Promise<Row[]> {
  const parse: Point[] = [];
  const plan: Point[] = [];
  for (const [size, cwd] of folders) {
    const runs = size === LARGEST ? 5 : 15;
    const work = (): ReturnType<typeof declare> =>
      declare({ cwd, allowEmpty: false, now: Date.now(), signal: new AbortController().signal });
    parse.push({ n: size, ms: await timed(runs, work) });
    const overrides = (await work()).desired.get(`${SCOPE.project}/${SCOPE.environment}`)?.overrides;
    if (overrides?.size !== size) throw new Error(`${overrides?.size} of ${size} overrides were declared`);
    const live: LiveProject = liveProject(size / FLAGS.length);
    plan.push({ n: size, ms: await timed(runs, () => planFor(overrides, live)) });
  }
  return [
    growthRow('parsing', 'in one process: find, read, parse, check', parse),
    growthRow('planning', 'in one process: compare, decide, guard, estimate', plan, 1.1),
  ];
}

/** Milliseconds of the fastest run, since other load on the machine only adds time. */
async function timed(runs: number, work: () => unknown): Promise<number> {
  let fastest = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run += 1) {
    collectGarbage();
    const start = performance.now();
    await work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return fastest;
}

async function measureCommands(folders: Folders): Promise<Row[]> {
  const points = { cold: [] as Point[], warm: [] as Point[], plan: [] as Point[] };
  const rows: Row[] = [];
  for (const [size, cwd] of folders) {
    const users = size / FLAGS.length;
    const most = await withSimulator(users, true, (env) => commandsOn(cwd, size, env));
    const first = await withSimulator(users, false, (env) =>
      measure({ plan: { args: [CLI, 'plan'], cwd, env, before: forget(cwd) } }, size === LARGEST ? 2 : 1),
    );
    for (const name of ['cold', 'warm', 'plan'] as const) {
      points[name].push({ n: size, ms: most[name].wall - most.start.wall });
    }
    if (size !== LARGEST) continue;
    const ratio = most.cold.wall / most.warm.wall;
    rows.push(
      {
        name: `validate again, from the cache: speedup (${whole(size)})`,
        value: `${ratio.toFixed(1)} x (${whole(most.cold.wall)} ms, then ${whole(most.warm.wall)} ms)`,
        limit: 'at least 5 x',
        ok: ratio >= 5,
        data: { cold: most.cold.wall, warm: most.warm.wall },
      },
      memoryRow('validate', size, most.cold.peak),
      memoryRow('plan, 1 in 5 overrides differ', size, most.plan.peak),
      memoryRow('plan, every override is new', size, first.plan.peak),
    );
  }
  return [
    growthRow('validate', COMMAND, points.cold),
    growthRow('validate again', COMMAND, points.warm),
    growthRow('plan', COMMAND, points.plan),
    ...rows,
  ];
}

async function commandsOn(
  cwd: string,
  size: number,
  env: Readonly<Record<string, string>>,
): Promise<Record<'start' | 'cold' | 'warm' | 'plan', Awaited<ReturnType<typeof measure>>[string]>> {
  return measure(
    {
      start: { args: [CLI, '--version'] },
      cold: { args: [CLI, 'validate'], cwd, before: forget(cwd) },
      warm: { args: [CLI, 'validate'], cwd },
      plan: { args: [CLI, 'plan'], cwd, env, before: forget(cwd) },
    },
    size === LARGEST ? 3 : 5,
  );
}

function forget(cwd: string): () => void {
  return () => rmSync(join(cwd, PARSED), { recursive: true, force: true });
}

async function withSimulator<T>(
  users: number,
  isLive: boolean,
  work: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const simulator = new Simulator({ seed: liveSeed(isLive ? users : 0) });
  const { url } = await simulator.start();
  try {
    return await work({ LAUNCHDARKLY_ACCESS_TOKEN: 'api-writer', LAUNCHDARKLY_BASE_URL: url });
  } finally {
    await simulator.stop();
  }
}

function growthRow(name: string, what: string, points: readonly Point[], atMost?: number): Row {
  const grows = exponent(points);
  const times = points.map(({ ms }) => whole(ms)).join(', ');
  const sizes = points.map(({ n }) => `${n / 1000}k`).join(', ');
  return {
    name: `${name} (${what})`,
    value: `n^${grows.toFixed(2)}: ${times} ms for ${sizes}`,
    ...(atMost === undefined ? {} : { limit: `at most n^${atMost}`, ok: grows <= atMost }),
    data: {
      [what === COMMAND ? 'command' : 'work']: name,
      exponent: grows,
      ...Object.fromEntries(points.map(({ n, ms }) => [`at ${n}`, ms])),
    },
  };
}

function memoryRow(name: string, size: number, peak: number): Row {
  return {
    name: `memory of ${name} (${whole(size)})`,
    value: `peak ${whole(peak)} MiB`,
    limit: `under ${MEMORY} MB`,
    ok: peak * 1.048576 < MEMORY,
    data: { peak },
  };
}
