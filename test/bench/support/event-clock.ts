import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../../src/launchdarkly/clock.js';
import { seededRandom } from '../../../src/simulator/faults/random.js';

interface Sleeper {
  readonly at: number;
  readonly ring: () => void;
}

/** After this many turns of the event loop without an event, nothing can happen until time moves. */
const QUIET_TURNS = 3;

/**
 * A clock that advances to the earliest sleeper, and only while no request is in flight. Clients and servers that share
 * it communicate over real HTTP, and simulated hours take seconds.
 */
export class EventClock implements Clock {
  readonly random: () => number;
  #now = 1_700_000_000_000;
  #sleepers: Sleeper[] = [];
  #inFlight = 0;
  /** Requests in flight whose server sleeps. */
  #held = 0;
  /** Counts events, to detect when none happen. */
  #events = 0;

  constructor(seed = 1) {
    this.random = seededRandom(seed);
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    this.#events += 1;
    return new Promise((resolve, reject) => {
      signal?.throwIfAborted();
      const sleeper: Sleeper = { at: this.#now + Math.max(0, ms), ring: resolve };
      this.#sleepers.push(sleeper);
      signal?.addEventListener(
        'abort',
        () => {
          this.#events += 1;
          this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
          reject(signal.reason);
        },
        { once: true },
      );
    });
  }

  /** Sleeps on behalf of a server that handles a request, during which time may advance. */
  async hold(ms: number): Promise<void> {
    this.#held += 1;
    await this.sleep(ms);
    this.#held -= 1;
  }

  /** Stops time until a request has ended. */
  async during<T>(request: Promise<T>): Promise<T> {
    this.#begin();
    try {
      return await request;
    } finally {
      this.#end();
    }
  }

  /** Lets time pass until `work` is done, and returns its result. Requests sent with undici stop time automatically. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    subscribe('undici:request:create', this.#begin);
    subscribe('undici:request:trailers', this.#end);
    subscribe('undici:request:error', this.#end);
    try {
      const done = new AbortController();
      const watched = (async (): Promise<T> => {
        try {
          return await work();
        } finally {
          done.abort();
        }
      })();
      watched.catch(() => undefined);
      while (!done.signal.aborted) {
        if (await this.#isQuiet()) this.#advance();
      }
      return await watched;
    } finally {
      unsubscribe('undici:request:create', this.#begin);
      unsubscribe('undici:request:trailers', this.#end);
      unsubscribe('undici:request:error', this.#end);
    }
  }

  readonly #begin = (): void => {
    this.#events += 1;
    this.#inFlight += 1;
  };

  readonly #end = (): void => {
    this.#events += 1;
    this.#inFlight -= 1;
  };

  async #isQuiet(): Promise<boolean> {
    for (let quiet = 0; quiet < QUIET_TURNS; quiet += 1) {
      const before = this.#events;
      await turn();
      if (this.#events !== before || this.#inFlight > this.#held) return false;
    }
    return true;
  }

  #advance(): void {
    let next: Sleeper | undefined;
    for (const sleeper of this.#sleepers) if (next === undefined || sleeper.at < next.at) next = sleeper;
    if (next === undefined) return;
    const woken = next;
    this.#sleepers = this.#sleepers.filter((sleeper) => sleeper !== woken);
    this.#now = Math.max(this.#now, woken.at);
    this.#events += 1;
    woken.ring();
  }
}
