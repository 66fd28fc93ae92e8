/** How many requests a window allows: as the server reports it, and otherwise a lower bound of it. */
export class KnownLimit {
  readonly #reserve: number;
  #reported: number | undefined;
  #least = 0;

  /** @param reserve the share of the limit, 0 to 1, that is left to other clients */
  constructor(reserve: number) {
    this.#reserve = reserve;
  }

  /**
   * Records a response.
   * @param reported the limit, if the response has it
   * @param counted how many requests the window certainly contained, with what remained of it
   */
  learn(reported: number | undefined, counted: number): void {
    this.#reported = reported ?? this.#reported;
    this.#least = Math.max(this.#least, counted);
  }

  get isReported(): boolean {
    return this.#reported !== undefined;
  }

  /** Requests of a window, by all clients. */
  get full(): number {
    return this.#reported ?? this.#least;
  }

  /** Requests of a window that are left to other clients; rounded down, so that a tiny limit is still usable. */
  get reserved(): number {
    return Math.floor(this.full * this.#reserve);
  }

  /** Requests of a window that clients like this one may make: the limit without the reserve, at least 1. */
  get usable(): number {
    return Math.max(1, this.full - this.reserved);
  }
}

/** If the reset moves by less than this share of the window, it follows single requests: the window slides. */
const SLIDES_BELOW = 0.9;

/**
 * Finds out from responses how the server counts: in a sliding window, from which each request leaves by itself, or in
 * a fixed one, from which all leave at the reset.
 */
export class WindowKind {
  readonly #window: number;
  #reset: number | undefined;
  #kind: 'sliding' | 'fixed' | undefined;

  /** @param window milliseconds */
  constructor(window: number) {
    this.#window = window;
  }

  /** Undefined until a response has shown it. */
  get kind(): 'sliding' | 'fixed' | undefined {
    return this.#kind;
  }

  /**
   * Records a response.
   * @param reset by the server's own clock, in epoch milliseconds, so that an inaccurate offset between the clocks does
   *   not look like a movement. If two budgets share one header it may be the other one's: fixed windows of one account
   *   begin together, so the header still moves only if windows slide.
   * @param used how many requests the server reports for the current window
   * @param own how many of ours certainly arrived within one window before the response; a sliding window would contain
   *   all of them
   */
  observe(reset: number | undefined, used: number, own: number): void {
    if (reset !== undefined) {
      const moved = Math.abs(reset - (this.#reset ?? reset));
      if (moved > 0 && moved < this.#window * SLIDES_BELOW) this.#kind = 'sliding';
      this.#reset = reset;
    }
    if (used < own) this.#kind = 'fixed';
  }
}
