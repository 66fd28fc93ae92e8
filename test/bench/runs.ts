import { applyChanges } from '../../src/apply/apply.js';
import type { FlagWriter } from '../../src/launchdarkly/client.js';
import { connectWriter } from '../../src/launchdarkly/connect.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { leastTime } from '../launchdarkly/pacing/window-bound.js';
import { EventClock } from './support/event-clock.js';
import { type Row, whole } from './support/row.js';
import { planOf, seedOf, type WantedOverride, wantedOverrides } from './support/work.js';

const MODES = ['put', 'batch'] as const;
const FLAGS = [20, 200];
const OVERRIDES = [200, 1000, 10_000];

/** Requests that LaunchDarkly allows in ten seconds, on each route. */
const LIMIT = 100;

/** The defaults of the configuration. */
const RATE = { concurrency: 4, reserve: 0.1, writesPerSecond: null } as const;
const VALUES = 1500;

/** Duration of a simulated write, in milliseconds. Reads take no time, so only their number counts. */
const LATENCY = { least: 30, most: 100 } as const;

/** What one command costs. */
interface Cost {
  readonly requests: number;
  readonly refused: number;
  readonly seconds: number;
}

const STEPS = ['first apply', 'plan, no change', 'plan, one change', 'apply, one change'] as const;
type Step = (typeof STEPS)[number];

/** What each command of a repository costs by number of overrides and flags, on a simulated clock. */
export async function benchRuns(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const mode of MODES) {
    for (const flags of FLAGS) {
      for (const count of OVERRIDES) {
        const costs = await costsOf(mode, flags, count);
        rows.push(...STEPS.map((step) => rowOf(mode, flags, count, step, costs[step])));
      }
    }
  }
  return rows;
}

async function costsOf(
  mode: (typeof MODES)[number],
  flags: number,
  count: number,
): Promise<Readonly<Record<Step, Cost>>> {
  const clock = new EventClock();
  const simulator = new Simulator({
    seed: seedOf(flags),
    limits: { route: LIMIT },
    clock,
    writeDuration: () => clock.hold(LATENCY.least + (LATENCY.most - LATENCY.least) * clock.random()),
  });
  const { url } = await simulator.start();
  /** Runs one command, which connects for itself, as each process does. */
  const measured = async (run: (writer: FlagWriter) => Promise<unknown>): Promise<Cost> => {
    // The command before was a while ago.
    await clock.sleep(60_000);
    simulator.forgetRequests();
    const start = clock.now();
    await run(
      connectWriter({
        baseUrl: url,
        token: 'api-writer',
        api: 'users',
        rate: RATE,
        timeouts: { attempt: 30_000, run: 24 * 3_600_000 },
        clock,
        version: 'bench',
      }),
    );
    const { requests } = simulator;
    return {
      requests: requests.length,
      refused: requests.filter(({ status }) => status === 429).length,
      seconds: (clock.now() - start) / 1000,
    };
  };
  const plan = async (wanted: readonly WantedOverride[], writer: FlagWriter, changes: number) => {
    const planned = await planOf(wanted, writer);
    if (planned.changes.length !== changes)
      throw new Error(`${planned.changes.length} changes planned instead of ${changes}`);
    return planned;
  };
  const apply = async (wanted: readonly WantedOverride[], writer: FlagWriter, expected: number) => {
    const { changes } = await plan(wanted, writer, expected);
    const { outcomes } = await applyChanges(
      { changes, dates: [] },
      {
        writer,
        clock,
        concurrency: RATE.concurrency,
        writes: { mode, values: VALUES },
        ignoreConflicts: false,
        dryRun: false,
        commentOf: () => 'Open the beta to everybody (c0ffee000000 by Dana)',
        strict: false,
      },
    );
    const failed = outcomes.find(({ status }) => status !== 'applied');
    if (failed !== undefined) throw new Error(`not applied: ${failed.message}`);
  };
  const wanted = wantedOverrides(count, flags);
  const edited = wanted.map((override, index) =>
    index === 0 ? { ...override, value: !override.value } : override,
  );
  try {
    return await clock.run(async () => ({
      'first apply': await measured((writer) => apply(wanted, writer, count)),
      'plan, no change': await measured((writer) => plan(wanted, writer, 0)),
      'plan, one change': await measured((writer) => plan(edited, writer, 1)),
      'apply, one change': await measured((writer) => apply(edited, writer, 1)),
    }));
  } finally {
    await simulator.stop();
  }
}

function rowOf(mode: string, flags: number, count: number, step: Step, cost: Cost): Row {
  const { requests, refused, seconds } = cost;
  return {
    name: `${whole(count)} overrides of ${flags} flags, ${mode}: ${step}`,
    value: `${whole(requests).padStart(6)} requests, ${refused} 429s, ${seconds.toFixed(1).padStart(7)} s`,
    ...limitOf(mode, flags, count, step, cost),
    data: { overrides: count, flags, mode, step, requests, refused, seconds },
  };
}

/** The first apply may take 1.05 times the least time that its writes take, and a second. */
function limitOf(
  mode: string,
  flags: number,
  count: number,
  step: Step,
  { refused, seconds }: Cost,
): Pick<Row, 'limit' | 'ok'> {
  if (step !== 'first apply') return { limit: 'no 429', ok: refused === 0 };
  const writes = mode === 'put' ? count : Math.min(count, flags) * Math.ceil(count / flags / VALUES);
  const roundTrip = (LATENCY.least + LATENCY.most) / 2;
  const least = leastTime({ ...RATE, requests: writes, limit: LIMIT, roundTrip }) / 1000;
  return {
    limit: `no 429, ${(least * 1.05 + 1).toFixed(1)} s`,
    ok: refused === 0 && seconds <= least * 1.05 + 1,
  };
}
