import { SendLog } from './send-log.js';

/**
 * A 429 halves the pace, but never below one request in four windows: that request shows whether holding back is still
 * needed.
 */
const DECREASE = 0.5;
const SLOWEST = 0.25;

/** No known limit is below this many requests per window, so a single 429 does not lower the pace further than this. */
const LOWEST_LIMIT = 5;

/** 429s within this share of a window lower the pace once: one full limit refuses many requests. */
const SAME_REFUSAL = 0.5;

/** The increase after a window without a 429, as a share of the pace. */
const INCREASE = 0.1;

/**
 * The pace to keep when there are 429s but no rate headers that explain them: unlimited until the first 429, then half
 * of what was sent, and a tenth more for every window without a 429.
 */
export class UnmeteredPace {
  readonly #window: number;
  readonly #log = new SendLog();
  /** Requests per millisecond; undefined while there is no reason to hold back. */
  #rate: number | undefined;
  /** Whether the pace was set before any rate headers were seen. */
  #isProvisional = false;
  #lastSentAt = Number.NEGATIVE_INFINITY;
  /** When the pace last changed, and when a 429 last lowered it. */
  #changedAt = Number.NEGATIVE_INFINITY;
  #refusedAt = Number.NEGATIVE_INFINITY;

  /** @param window milliseconds */
  constructor(window: number) {
    this.#window = window;
  }

  /** The earliest local time at which one more request may be sent. */
  readyAt(): number {
    return this.#rate === undefined ? Number.NEGATIVE_INFINITY : this.#lastSentAt + 1 / this.#rate;
  }

  recordSent(now: number): void {
    this.#lastSentAt = now;
  }

  /** Records any response, and raises the pace after a window without a change. */
  recordResponse(sentAt: number, now: number): void {
    this.#log.forget(now - this.#window);
    this.#log.add(sentAt, now);
    if (this.#rate === undefined || now - this.#changedAt < this.#window) return;
    this.#rate *= 1 + INCREASE;
    this.#changedAt = now;
  }

  /**
   * Lowers the pace after a 429 that no header explains. Several within half a window count once.
   * @param headersSeen whether other responses of this window report budgets with requests left
   */
  recordRefusal(now: number, headersSeen = false): void {
    if (now - this.#refusedAt < this.#window * SAME_REFUSAL) return;
    const isFirst = this.#rate === undefined;
    this.#isProvisional = !headersSeen && (isFirst || this.#isProvisional);
    const measured = this.#rate ?? this.#log.size / this.#window;
    const slowest = isFirst || headersSeen ? LOWEST_LIMIT : SLOWEST;
    this.#rate = Math.max(slowest / this.#window, measured * DECREASE);
    this.#changedAt = now;
    this.#refusedAt = now;
  }

  /** Headers report requests left: a pace that was set before any headers were seen is no longer needed. */
  lift(): void {
    if (this.#isProvisional) this.#rate = undefined;
  }

  /** When a slot is free if the server counts as we do: when our oldest request leaves the window. */
  freeAt(now: number): number {
    return (this.#log.answeredAt(0) ?? now) + this.#window;
  }
}
