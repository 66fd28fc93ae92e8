import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { play } from './support/history.js';
import { installClock, JumpingClock } from './support/program.js';
import { Statistics } from './support/statistics.js';
import { history } from './support/steps.js';
import { START } from './support/world.js';

const RUNS = Number(process.env['FLAGOPS_MODEL_HISTORIES'] ?? 8);
const SEED = Number(process.env['FLAGOPS_MODEL_SEED'] ?? Date.now() % 2 ** 31);

/** Milliseconds: far more than the histories take, since a failure is repeated with fewer and fewer steps. */
const TIME_LIMIT = 60_000 + 10_000 * RUNS;

it(
  `in ${RUNS} random histories the commands do what a naive model of their promises does`,
  async () => {
    // To repeat it, set FLAGOPS_MODEL_SEED.
    console.log(`model: seed ${SEED}`);
    const statistics = new Statistics();
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const clock = new JumpingClock(START);
        const restore = installClock(clock);
        try {
          await play(steps, clock, statistics);
        } finally {
          restore();
        }
      }),
      { numRuns: RUNS, seed: SEED, interruptAfterTimeLimit: TIME_LIMIT, markInterruptAsFailure: true },
    );
    expect(statistics.counts['applies that wrote']).toBeGreaterThan(0);
  },
  2 * TIME_LIMIT,
);
