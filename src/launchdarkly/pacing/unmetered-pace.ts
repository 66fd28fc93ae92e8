import { SendLog } from './send-log.js';

/** Half of what was too fast; but one request in four windows always goes, to see whether it still is. */
const DECREASE = 0.5;
const SLOWEST = 0.25;

/** No known limit is below this many requests a window, so one refusal alone does not take the pace below it. */
const HARMLESS = 5;

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
  #isProvisional = false;
  #slot = Number.NEGATIVE_INFINITY;
  /** When the pace last changed, and when it was last lowered. */
  #changed = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;

  constructor(window: number) {
    this.#window = window;
  }

  readyAt(): number {
    return this.#rate === undefined ? Number.NEGATIVE_INFINITY : this.#slot + 1 / this.#rate;
  }

  recordSent(now: number): void {
    this.#slot = this.#rate === undefined ? now : Math.max(this.#slot + 1 / this.#rate, now - CATCH_UP);
  }

  recordResponse(sent: number, now: number): void {
    this.#log.forget(now - this.#window);
    this.#log.add(sent, now);
    if (this.#rate === undefined || now - this.#changed < this.#window) return;
    this.#rate = Math.max(this.#rate * (1 + INCREASE), this.#rate + LEAST_INCREASE / this.#window);
    this.#changed = now;
  }

  /**
   * A 429 that no header explains. Several in one window are one reason.
   * @param headersSeen whether other answers of this window show budgets with plenty left
   */
  recordRefusal(now: number, headersSeen = false): void {
    if (now - this.#refusedAt < this.#window / 2) return;
    const isFirst = this.#rate === undefined;
    this.#isProvisional = !headersSeen && (isFirst || this.#isProvisional);
    const measured = this.#rate ?? this.#log.size / this.#window;
    const slowest = isFirst || headersSeen ? HARMLESS : SLOWEST;
    this.#rate = Math.max(slowest / this.#window, measured * DECREASE);
    this.#changed = now;
    this.#refusedAt = now;
  }

  /** Headers show plenty left: a pace that was set before any headers came has no reason any more. */
  lift(): void {
    if (this.#isProvisional) this.#rate = undefined;
  }

  /** When there is room again if the server counts as we do: when our oldest request leaves the window. */
  freeAt(now: number): number {
    return (this.#log.answeredAt(0) ?? now) + this.#window;
  }
}
