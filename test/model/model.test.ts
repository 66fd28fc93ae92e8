import { expect, it } from 'vitest';
import { playHistories } from './support/histories.js';

const RUNS = Number(process.env['FLAGOPS_MODEL_HISTORIES'] ?? 8);
/** The histories have this seed and those that follow it. A failure names its own: set it here to repeat only that one. */
const SEED = Number(process.env['FLAGOPS_MODEL_SEED'] ?? Date.now() % 2 ** 30);

/** Milliseconds: far more than the histories take, since a failure is repeated with fewer and fewer steps. */
const TIME_LIMIT = 60_000 + 20_000 * RUNS;

it(
  `in ${RUNS} random histories the commands do what a naive model of their promises does`,
  async () => {
    console.log(`model: seed ${SEED}`);
    const { counts, failures } = await playHistories({ first: SEED, step: 1, count: RUNS, shrunk: 1 });
    if (failures.length > 0) throw new Error(failures.join('\n\n'));
    // One history alone may have none.
    expect(counts['applies that wrote'] ?? 0).toBeGreaterThan(RUNS === 1 ? -1 : 0);
  },
  TIME_LIMIT,
);
