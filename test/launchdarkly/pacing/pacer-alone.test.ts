import { describe, expect, test } from 'vitest';
import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';
import { fixedWindow, type RateModel, slidingWindow, windowFromFirst } from './rate-models.js';
import { seededRandom } from '../../../src/simulator/faults/random.js';
import { simulateClients } from './simulate-clients.js';
import { type LoneRun, mostTime } from './window-bound.js';

/** Milliseconds before the start at which earlier requests were made, all at once. */
const EARLIER = 4000;

interface Kind {
  readonly name: string;
  readonly model: (limit: number) => RateModel;
  /** Until earlier requests leave the window, in milliseconds after the start. */
  readonly untilReset: number;
}

const KINDS: readonly Kind[] = [
  { name: 'sliding', model: slidingWindow, untilReset: WINDOW - EARLIER },
  // The simulated runs start at a multiple of the window.
  { name: 'fixed', model: (limit) => fixedWindow(limit, WINDOW, 3000), untilReset: 3000 },
  { name: 'first-request', model: windowFromFirst, untilReset: WINDOW - EARLIER },
];

const START = 1_700_000_000_000;

interface Run extends LoneRun {
  readonly kind: Kind;
  /** The share of the limit that was used before the run. */
  readonly used: number;
  readonly reportsLimit?: boolean;
}

function excessOf(run: Run): { readonly late: number; readonly refused: number; readonly run: Run } {
  const model = run.kind.model(run.limit);
  for (let index = 1; index <= run.limit * run.used; index += 1) model.take(START - EARLIER);
  const random = seededRandom(run.requests + run.limit);
  const oneWay = (): number => (run.roundTrip / 2) * (0.5 + random());
  const { elapsed, refused } = simulateClients({
    model,
    requests: run.requests,
    concurrency: run.concurrency,
    latency: () => [oneWay(), oneWay()],
    sentHeaders: { limit: run.reportsLimit !== false },
    pacer: { reserve: run.reserve, random },
    maxDuration: Number.POSITIVE_INFINITY,
  });
  const untilReset = run.used > 0 ? run.kind.untilReset : 0;
  return { late: Math.max(0, elapsed - mostTime({ ...run, untilReset })), refused: refused.length, run };
}

const misses = (runs: readonly Run[]): readonly ReturnType<typeof excessOf>[] =>
  runs.map(excessOf).filter(({ late, refused }) => late > 0 || refused > 0);

const LIMITS = [5, 10, 100];
const QUICK = { reserve: 0, roundTrip: 100, concurrency: 4, used: 0 };

describe.each(KINDS.map((kind) => [kind.name, kind] as const))(
  'a client alone with %s windows',
  (_, kind) => {
    test.each([1, 5, 20, 100, 1000, 10_000])(
      '%i requests are never refused, and take at most 1.05 times the least time and a second',
      (requests) => {
        const runs = LIMITS.flatMap((limit) =>
          (requests > 1000 ? [0.1] : [0, 0.1]).map((reserve) => ({
            ...QUICK,
            kind,
            requests,
            limit,
            reserve,
          })),
        );
        expect(misses(runs)).toEqual([]);
      },
    );

    test('a first window that was partly used delays a client until its reset, and no longer', () => {
      const runs = [5, 20, 100, 1000].flatMap((requests) =>
        LIMITS.flatMap((limit) =>
          [0.2, 0.5, 0.9].map((used) => ({ ...QUICK, kind, requests, limit, used, reserve: 0.1 })),
        ),
      );
      expect(misses(runs)).toEqual([]);
    });

    test('a client is as fast with slow round trips, and one or many requests at a time', () => {
      const runs = [5, 20, 100, 1000].flatMap((requests) =>
        LIMITS.flatMap((limit) =>
          [
            { roundTrip: 20, concurrency: 16 },
            { roundTrip: 100, concurrency: 1 },
            { roundTrip: 400, concurrency: 4 },
          ].map((speed) => ({ ...QUICK, ...speed, kind, requests, limit })),
        ),
      );
      expect(misses(runs)).toEqual([]);
    });

    test('a client is as fast if the server does not report its limit', () => {
      const runs = [1, 20, 100, 1000].flatMap((requests) =>
        LIMITS.map((limit) => ({ ...QUICK, kind, requests, limit, reportsLimit: false })),
      );
      expect(misses(runs)).toEqual([]);
    });
  },
);
