import { setTimeout as delay } from 'node:timers/promises';

/** Time and randomness as one parameter, so that tests need not wait. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
}

/** The longest wait of a Node timer, in milliseconds: a longer one fires at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Waits in real time, whatever clock a run has: for what people watch, which decides nothing. Resolves after `ms`; rejects
 * with the signal's reason as soon as that is aborted.
 */
export async function waitInRealTime(ms: number, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  try {
    let left = Math.max(0, ms);
    for (; left > LONGEST_TIMER; left -= LONGEST_TIMER) {
      await delay(LONGEST_TIMER, undefined, signal === undefined ? {} : { signal });
    }
    await delay(left, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** The real clock. It is monotonic: setting the computer's clock during a run does not affect it. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: waitInRealTime,
  random: () => Math.random(),
};
