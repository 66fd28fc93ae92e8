import { setTimeout as delay } from 'node:timers/promises';

/** Time and chance as one parameter, so that whatever waits can be tested without waiting. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** At least 0, below 1. */
  random(): number;
}

/** Node's timers cannot wait longer than this, milliseconds: they would end at once. */
export const LONGEST_TIMER = 2 ** 31 - 1;

/** Does not jump when somebody sets the computer's clock in the middle of a run. */
export const systemClock: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  sleep: async (ms, signal) => {
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
  },
  random: () => Math.random(),
};
