import type { Change, Effort, Estimate } from './plan.js';
import type { WritePolicy } from './write-policy.js';
import { countWrites } from './writes.js';

/** What to reckon with where LaunchDarkly has not said otherwise yet: 5 writes in a window of 10 seconds. */
const CAUTIOUS_WRITES_PER_SECOND = 0.5;

/** Seconds that another way to write must save to be worth a word. */
const WORTH_SAYING = 60;

/**
 * How many writes a plan takes, and how many seconds at the slowest pace to be expected.
 * @param writesPerSecond the configured ceiling, or null
 */
export function estimate(
  changes: readonly Change[],
  writesPerSecond: number | null,
  writes: WritePolicy,
): Estimate {
  const pace = Math.min(writesPerSecond ?? CAUTIOUS_WRITES_PER_SECOND, CAUTIOUS_WRITES_PER_SECOND);
  const effort = (mode: WritePolicy['mode']): Effort => {
    const requests = countWrites(changes, { ...writes, mode });
    return { requests, seconds: Math.ceil(requests / pace) };
  };
  return { ...effort(writes.mode), put: effort('put'), batch: effort('batch') };
}

/** What `writes: batch` would take, where that saves more than a minute. */
export function betterInBatch({ seconds, batch }: Estimate): Effort | undefined {
  return seconds - batch.seconds > WORTH_SAYING ? batch : undefined;
}
