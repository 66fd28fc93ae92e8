import { systemClock } from '../../src/launchdarkly/clock.js';
import { Simulator } from '../../src/simulator/simulator.js';
import { leastTime } from '../launchdarkly/pacing/window-bound.js';
import { CONTENDERS, type Contender } from './support/contenders.js';
import { EventClock } from './support/event-clock.js';
import { type Row, whole } from './support/row.js';
import { seedOf, wantedOverrides } from './support/work.js';

const FLAGS = 50;

interface Race {
  readonly changes: number;
  /** Requests that a route allows in ten seconds. */
  readonly limit: number;
  /** Whether it runs on a simulated clock, without waiting. */
  readonly virtual: boolean;
}

const RACES: readonly Race[] = [
  { changes: 1000, limit: 100, virtual: false },
  { changes: 1000, limit: 5, virtual: true },
  { changes: 10_000, limit: 100, virtual: true },
  { changes: 10_000, limit: 5, virtual: true },
];

/** The result of one contender in one race. */
interface Result extends Race {
  readonly contender: string;
  readonly sent: number;
  readonly refused: number;
  readonly elapsed: number;
  /** Elapsed time, divided by the least time that the necessary requests take. */
  readonly ratio: number;
}

/** Duration of a simulated write, in milliseconds. */
const LATENCY = { least: 30, most: 100 } as const;
const AVERAGE = (LATENCY.least + LATENCY.most) / 2;

/** No contender has more requests in flight than this. */
const LONE = { reserve: 0, concurrency: 10 } as const;

/**
 * 1,000 and 10,000 changes of 50 flags from one commit: flagops compared with scripts that are quick to write. The least
 * time for each counts the windows and round trips that its necessary requests take.
 */
export async function benchPace(): Promise<Row[]> {
  const results: Result[] = [];
  for (const race of RACES) {
    if (!race.virtual) {
      // In parallel, each with its own simulator, since they mostly wait. The batch runs alone: it would be over while
      // the others are still sending as fast as they can.
      const [batch, others] = [CONTENDERS.filter(isBatch), CONTENDERS.filter((one) => !isBatch(one))];
      for (const contender of batch) results.push(await inRealTime(race, contender));
      results.push(...(await Promise.all(others.map((contender) => inRealTime(race, contender)))));
      continue;
    }
    for (const contender of CONTENDERS) results.push(await inVirtualTime(race, contender));
  }
  return results.map(rowOf);
}

function isBatch({ name }: Pick<Contender, 'name'>): boolean {
  return name === 'flagops batch';
}

async function inRealTime(race: Race, contender: Contender): Promise<Result> {
  const simulator = new Simulator({ seed: seedOf(FLAGS), limits: { route: race.limit } });
  const { url } = await simulator.start();
  try {
    const target = { url, clock: systemClock, during: <T>(request: Promise<T>) => request };
    const write = await contender.prepare(wantedOverrides(race.changes, FLAGS), target);
    return await measured(race, contender, simulator, () => systemClock.now(), write);
  } finally {
    await simulator.stop();
  }
}

async function inVirtualTime(race: Race, contender: Contender): Promise<Result> {
  const clock = new EventClock();
  const simulator = new Simulator({
    seed: seedOf(FLAGS),
    limits: { route: race.limit },
    clock,
    writeDuration: () => clock.hold(LATENCY.least + (LATENCY.most - LATENCY.least) * clock.random()),
  });
  const { url } = await simulator.start();
  try {
    const target = { url, clock, during: <T>(request: Promise<T>) => clock.during(request) };
    return await clock.run(async () => {
      const write = await contender.prepare(wantedOverrides(race.changes, FLAGS), target);
      return measured(race, contender, simulator, () => clock.now(), write);
    });
  } finally {
    await simulator.stop();
  }
}

async function measured(
  race: Race,
  contender: Contender,
  simulator: Simulator,
  now: () => number,
  write: () => Promise<void>,
): Promise<Result> {
  simulator.forgetRequests();
  const start = now();
  await write();
  const elapsed = now() - start;
  const { requests } = simulator;
  const refused = requests.filter(({ status }) => status === 429);
  const needed = requests.filter(({ method, status }) => method !== 'GET' && status < 300).length;
  return {
    ...race,
    contender: contender.name,
    sent: requests.length,
    refused: refused.length,
    elapsed,
    ratio:
      elapsed /
      leastTime({ ...LONE, requests: needed, limit: race.limit, roundTrip: race.virtual ? AVERAGE : 0 }),
  };
}

/** The longest that flagops may take: a multiple of the least time, and a second. */
const SLOWEST = 1.05;
const MORE = 1000;

/** The most requests for 10,000 changes of 50 flags from one commit. */
const MOST_IN_BATCH = 120;

function rowOf(result: Result): Row {
  const { changes, limit, virtual, contender, sent, refused, elapsed, ratio } = result;
  const seconds = elapsed / 1000;
  // What fits into one window takes no time but round trips, which are not known in real time.
  const hasRatio = Number.isFinite(ratio);
  const least = hasRatio ? `, ${ratio.toFixed(3)} x the least time` : '';
  return {
    name: `${whole(changes)} changes at ${limit} per 10 s${virtual ? '' : ', in real time'}: ${contender}`,
    value: `${whole(sent).padStart(6)} sent, ${whole(refused).padStart(6)} 429s, ${seconds.toFixed(1).padStart(7)} s${least}`,
    ...limitOf(result),
    data: { changes, limit, contender, sent, refused, seconds, ...(hasRatio ? { ratio } : {}) },
  };
}

function limitOf(result: Result): Pick<Row, 'limit' | 'ok'> {
  const { contender, changes, sent, refused, elapsed, ratio } = result;
  const isSlow = elapsed > (elapsed / ratio) * SLOWEST + MORE;
  const time = `${SLOWEST} x and ${MORE / 1000} s`;
  if (contender === 'flagops put') return { limit: `no 429, ${time}`, ok: refused === 0 && !isSlow };
  if (!isBatch({ name: contender }) || changes < 10_000) return {};
  return { limit: `${MOST_IN_BATCH} sent, ${time}`, ok: sent <= MOST_IN_BATCH && !isSlow };
}
