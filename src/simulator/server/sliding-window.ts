/** Counts the requests of the last ten seconds. */
export class SlidingWindow {
  limit: number;
  readonly #length: number;
  /** The time of each request, oldest first from `#start`. */
  #times: number[] = [];
  #start = 0;

  /** @param length milliseconds */
  constructor(limit: number, length = 10_000) {
    this.limit = limit;
    this.#length = length;
  }

  /** How many more requests are allowed now. */
  remaining(now: number): number {
    this.#forget(now);
    return Math.max(0, this.limit - (this.#times.length - this.#start));
  }

  take(now: number): void {
    this.#forget(now);
    this.#times.push(now);
  }

  /** When the oldest request leaves the window (epoch milliseconds). For an empty window, one window length from now. */
  reset(now: number): number {
    this.#forget(now);
    return (this.#times[this.#start] ?? now) + this.#length;
  }

  #forget(now: number): void {
    while (this.#start < this.#times.length && (this.#times[this.#start] ?? now) + this.#length <= now) {
      this.#start += 1;
    }
    if (this.#start > 1000 && this.#start * 2 > this.#times.length) {
      this.#times = this.#times.slice(this.#start);
      this.#start = 0;
    }
  }
}
