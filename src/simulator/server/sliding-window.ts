/** How many requests were let through in the last ten seconds: a window that slides, as LaunchDarkly's do. */
export class SlidingWindow {
  limit: number;
  readonly #length: number;
  /** When each request was taken, oldest first from `#start`. */
  #times: number[] = [];
  #start = 0;

  /** @param length milliseconds */
  constructor(limit: number, length = 10_000) {
    this.limit = limit;
    this.#length = length;
  }

  /** How many more requests may be taken now. */
  remaining(now: number): number {
    this.#forget(now);
    return Math.max(0, this.limit - (this.#times.length - this.#start));
  }

  take(now: number): void {
    this.#forget(now);
    this.#times.push(now);
  }

  /** When the oldest request leaves the window (epoch milliseconds); for an empty window, one length from now. */
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
