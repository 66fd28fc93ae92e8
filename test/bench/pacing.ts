import { WINDOW } from '../../src/launchdarkly/pacing/pacer.js';
import { seededRandom } from '../../src/simulator/faults/random.js';
import { fixedWindow, slidingWindow } from '../launchdarkly/pacing/rate-models.js';
import { simulateClients } from '../launchdarkly/pacing/simulate-clients.js';
import { leastTime, mostTime } from '../launchdarkly/pacing/window-bound.js';
import { type Row, whole } from './support/row.js';

const COUNTS = [1, 5, 20, 100, 1000, 10_000];
const LIMITS = [5, 10, 100];
const RUN = { reserve: 0.1, roundTrip: 100, concurrency: 4 } as const;
const START = 1_700_000_000_000;
/** How long before the run earlier requests were made, in milliseconds. */
const EARLIER = 4000;
/** When fixed windows reset, in milliseconds after the start of the run. */
const PHASE = 3000;

/** One client, on a simulated clock: its time compared with the least time that the windows allow. */
export function benchAlone(): Row[] {
  return LIMITS.flatMap((limit) =>
    [0, 0.5].flatMap((used) => ['sliding', 'fixed'].map((kind) => rowOf(kind, limit, used))),
  );
}

function rowOf(kind: string, limit: number, used: number): Row {
  const results = COUNTS.map((requests) => {
    const model = kind === 'fixed' ? fixedWindow(limit, WINDOW, PHASE) : slidingWindow(limit);
    for (let index = 1; index <= limit * used; index += 1) model.take(START - EARLIER);
    const random = seededRandom(requests + limit);
    const oneWay = (): number => (RUN.roundTrip / 2) * (0.5 + random());
    const { elapsed, refused } = simulateClients({
      model,
      requests,
      concurrency: RUN.concurrency,
      latency: () => [oneWay(), oneWay()],
      pacer: { reserve: RUN.reserve, random },
      maxDuration: Number.POSITIVE_INFINITY,
    });
    const untilReset = kind === 'fixed' ? PHASE : WINDOW - EARLIER;
    const run = { ...RUN, requests, limit, untilReset: used > 0 ? untilReset : 0 };
    return { ratio: elapsed / leastTime(run), refused: refused.length, ok: elapsed <= mostTime(run) };
  });
  const ratios = results.map(({ ratio }) => ratio.toFixed(2)).join(' ');
  return {
    name: `one client, ${kind} windows of ${limit}, ${used * 100}% used before: ${COUNTS.map(whole).join(', ')} requests`,
    value: `${ratios} x the least time`,
    limit: 'no 429, 1.05 x and 1 s',
    ok: results.every(({ ok, refused }) => ok && refused === 0),
  };
}

/** Clients that start together, each with this many requests, at 100 requests in ten seconds and without a reserve. */
const TOGETHER = [
  { clients: 8, each: 5 },
  { clients: 8, each: 10 },
  { clients: 8, each: 20 },
  { clients: 2, each: 100 },
  { clients: 8, each: 200 },
] as const;

/** Several clients that share one budget on a simulated clock, and do not talk to each other. */
export function benchTogether(): Row[] {
  return TOGETHER.flatMap(({ clients, each }) =>
    ['sliding', 'fixed'].map((kind) => {
      const limit = 100;
      const requests = clients * each;
      const random = seededRandom(requests);
      const { elapsed, refused, sent, accepted } = simulateClients({
        model: kind === 'fixed' ? fixedWindow(limit, WINDOW, PHASE) : slidingWindow(limit),
        requests,
        // A long run ends at the same time for all clients, so that it measures how much of the budget they use.
        ...(each === 200 ? {} : { requestsBy: Array.from({ length: clients }, () => each) }),
        clients,
        latency: () => [30 + 70 * random(), 30 + 70 * random()],
        pacer: { random },
      });
      const least = leastTime({ ...RUN, reserve: 0, requests, limit, concurrency: 4 * clients });
      const used = (accepted.length / limit) * (WINDOW / elapsed);
      const share = refused.length / sent.length;
      const isLong = each === 200;
      return {
        name: `${clients} clients together, ${each} requests each, ${kind} windows of ${limit}`,
        value: `${(elapsed / 1000).toFixed(1)} s, ${(elapsed / least).toFixed(2)} x the least time, ${(share * 100).toFixed(2)}% refused`,
        ...(isLong ? { limit: '>= 90% used, < 1% refused', ok: used >= 0.9 && share < 0.01 } : {}),
      };
    }),
  );
}
