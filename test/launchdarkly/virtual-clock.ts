import { setImmediate as macrotask } from 'node:timers/promises';
import type { Clock } from '../../src/launchdarkly/clock.js';

interface Timer {
  readonly at: number;
  readonly ring: () => void;
}

/** A clock whose time advances only when all pending work waits for it. */
export class VirtualClock implements Clock {
  #now: number;
  #timers: Timer[] = [];
  readonly random: () => number;

  constructor(options: { readonly now?: number; readonly random?: () => number } = {}) {
    this.#now = options.now ?? 1_700_000_000_000;
    this.random = options.random ?? (() => 0.5);
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const timer: Timer = { at: this.#now + Math.max(0, ms), ring: resolve };
      this.#timers.push(timer);
      signal?.addEventListener('abort', () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
        reject(signal.reason);
      });
    });
  }

  /** Advances time until `work` is done, and returns its result. */
  async run<T>(work: Promise<T>): Promise<T> {
    let settled = false;
    const watched = (async (): Promise<T> => {
      try {
        return await work;
      } finally {
        settled = true;
      }
    })();
    watched.catch(() => undefined);
    for (;;) {
      await macrotask();
      if (settled) return watched;
      const [next] = this.#timers.toSorted((one, other) => one.at - other.at);
      if (next === undefined) continue;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.ring();
    }
  }
}
