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
   *   not look like a movement
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
