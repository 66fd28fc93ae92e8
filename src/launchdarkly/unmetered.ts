import { SendLog } from './send-log.js';

/** Half of what was too fast; but one request in four windows always goes, to see whether it still is. */
const DECREASE = 0.5;
const SLOWEST = 0.25;

/** What a window without a 429 adds: a share of the pace, or so many requests a window where that is more. */
const INCREASE = 0.1;
const LEAST_INCREASE = 0.2;

/** What a late timer may make up for, milliseconds. */
const CATCH_UP = 250;

/**
 * The pace where answers say 429 but carry no rate headers: unlimited until the first 429, then half of what was sent,
 * and a tenth more, or a fifth of a request, for every window that goes well. That what is added does not grow with the pace
 * where the pace is low brings clients on one account to the same pace.
 */
export class UnmeteredPace {
  readonly #window: number;
  readonly #log = new SendLog();
  /** Requests a millisecond; undefined while there is no reason to hold back. */
  #rate: number | undefined;
  #slot = Number.NEGATIVE_INFINITY;
  #changed = 0;

  constructor(window: number) {
    this.#window = window;
  }

  readyAt(): number {
    return this.#rate === undefined ? Number.NEGATIVE_INFINITY : this.#slot + 1 / this.#rate;
  }

  sent(now: number): void {
    this.#slot = this.#rate === undefined ? now : Math.max(this.#slot + 1 / this.#rate, now - CATCH_UP);
  }

  answered(sent: number, now: number): void {
    this.#log.forget(now - this.#window);
    this.#log.add(sent, now);
    if (this.#rate === undefined || now - this.#changed < this.#window) return;
    this.#rate = Math.max(this.#rate * (1 + INCREASE), this.#rate + LEAST_INCREASE / this.#window);
    this.#changed = now;
  }

  /** A 429 without rate headers. Several in one window are one reason. */
  refused(now: number): void {
    if (this.#rate !== undefined && now - this.#changed < this.#window / 2) return;
    const measured = this.#rate ?? this.#log.size / this.#window;
    this.#rate = Math.max(SLOWEST / this.#window, measured * DECREASE);
    this.#changed = now;
  }
}
