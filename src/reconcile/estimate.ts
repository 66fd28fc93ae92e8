import type { Change } from './plan.js';

/** What to reckon with where LaunchDarkly has not said otherwise yet: 5 writes in a window of 10 seconds. */
const CAUTIOUS_WRITES_PER_SECOND = 0.5;

/**
 * How many writes a plan takes, and how many seconds at the slowest pace to be expected.
 * @param writesPerSecond the configured ceiling, or null
 */
export function estimate(
  changes: readonly Change[],
  writesPerSecond: number | null,
): { requests: number; seconds: number } {
  const requests = changes.filter((change) => change.withheld === undefined).length;
  const pace = Math.min(writesPerSecond ?? CAUTIOUS_WRITES_PER_SECOND, CAUTIOUS_WRITES_PER_SECOND);
  return { requests, seconds: Math.ceil(requests / pace) };
}
