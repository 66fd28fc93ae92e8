/** A reset that moves by less than this share of the window moves with what was taken. */
const MOVES = 0.9;

/**
 * How a server counts, as far as its answers have shown: the window slides, so that each request leaves it by itself,
 * or it is fixed, so that all leave it at the reset.
 */
export class WindowKind {
  readonly #window: number;
  #reset: number | undefined;
  #kind: 'sliding' | 'fixed' | undefined;

  /** @param window milliseconds */
  constructor(window: number) {
    this.#window = window;
  }

  /** Undefined while nothing has shown it. */
  get kind(): 'sliding' | 'fixed' | undefined {
    return this.#kind;
  }

  /**
   * Takes in an answer.
   * @param reset the server's own epoch milliseconds, so that clocks that are not known well move nothing
   * @param taken how many requests it says are taken of the window
   * @param own how many of ours certainly came within one window before
   */
  observe(reset: number | undefined, taken: number, own: number): void {
    if (reset !== undefined) {
      const moved = Math.abs(reset - (this.#reset ?? reset));
      if (moved > 0 && moved < this.#window * MOVES) this.#kind = 'sliding';
      this.#reset = reset;
    }
    if (taken < own) this.#kind = 'fixed';
  }
}
