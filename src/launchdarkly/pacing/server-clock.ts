/** When a window resets in local time, within [received, received + window]. */
export interface ResetTime {
  readonly latest: number;
  readonly earliest: number;
  /** Whether the server's clock is known well enough to say that the reset is in the future. */
  readonly isCertain: boolean;
  /** As the server reported it, by the server's clock. */
  readonly serverTime: number;
}

/** The precision of `Date` headers (RFC 9110, 5.6.7), in milliseconds. */
const SECOND = 1000;

/**
 * A reset that is further than this beyond one window from now, in milliseconds, is ignored: the second that `Date` leaves
 * open, and half a second of round trip.
 */
const RESET_TOLERANCE = 1500;

/** Converts times of the server's clock to ours. */
export class ServerClock {
  readonly #window: number;
  /** How far the server's clock is ahead of ours, in milliseconds: somewhere between these two. */
  #offset: { readonly min: number; readonly max: number } | undefined;

  /** @param window milliseconds */
  constructor(window: number) {
    this.#window = window;
  }

  /**
   * Narrows the offset with one response. The server set its `Date` between our sending and receiving, so each response
   * gives an interval, and their intersection soon is as narrow as the fastest round trip.
   * @param sent local epoch milliseconds
   * @param received local epoch milliseconds
   */
  observe(date: number, sent: number, received: number): void {
    const latest = { min: date - received, max: date + SECOND - sent };
    const known = this.#offset ?? latest;
    const both = { min: Math.max(known.min, latest.min), max: Math.min(known.max, latest.max) };
    // No intersection: one of the clocks was set in the meantime, so only the latest response counts.
    this.#offset = both.min <= both.max ? both : latest;
  }

  /**
   * Converts a reset. Real servers report resets in the past, and have clocks that are minutes off, so the result is kept
   * within one window from now.
   */
  localReset(reset: number | undefined, now: number): ResetTime | undefined {
    if (reset === undefined) return undefined;
    const latest = reset - (this.#offset?.min ?? 0);
    if (latest > now + this.#window + RESET_TOLERANCE) return undefined;
    const earliest = reset - (this.#offset?.max ?? Number.POSITIVE_INFINITY);
    const inWindow = (at: number): number => Math.min(Math.max(at, now), now + this.#window);
    return {
      latest: inWindow(latest),
      earliest: inWindow(earliest),
      isCertain: earliest > now,
      serverTime: reset,
    };
  }
}
