import { WINDOW } from '../../../src/launchdarkly/pacing/pacer.js';

/** A run of one client on an account that nobody else uses. Times are milliseconds. */
export interface LoneRun {
  readonly requests: number;
  readonly limit: number;
  /** The share of the limit that is left to others. */
  readonly reserve: number;
  readonly roundTrip: number;
  readonly concurrency: number;
  /** Until the first window resets, if it was partly used when the run began; otherwise 0. */
  readonly untilReset?: number;
}

/**
 * The least time that the requests take: all windows but the last, then the round trips of what is left for the last one;
 * and never less than the round trips of all requests, `concurrency` at a time.
 */
export function leastTime(run: LoneRun): number {
  const { requests, limit, reserve, roundTrip, concurrency, untilReset = 0 } = run;
  const usable = Math.max(1, limit - Math.floor(limit * reserve));
  const fullWindows = Math.ceil(requests / usable) - 1;
  const sending = (count: number): number => Math.max(1, count / concurrency) * roundTrip;
  const byWindows = fullWindows * WINDOW + sending(requests - fullWindows * usable);
  return untilReset + Math.max(byWindows, sending(requests));
}

/** The longest that a run may take. */
export function mostTime(run: LoneRun): number {
  return leastTime(run) * 1.05 + 1000;
}
