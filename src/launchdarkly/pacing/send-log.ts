/** When our answered requests were sent and answered, for as long as they count against a window. */
export class SendLog {
  readonly #sent: number[] = [];
  readonly #answered: number[] = [];
  /** Index of the oldest entry. The arrays keep dropped ones: a run sends few enough, and an index makes it cheap. */
  #head = 0;
  #longestLatency = 0;

  get size(): number {
    return this.#answered.length - this.#head;
  }

  /** Adds a request. Entries must come in the order of their responses. */
  add(sentAt: number, answeredAt: number): void {
    this.#sent.push(sentAt);
    this.#answered.push(answeredAt);
    this.#longestLatency = Math.max(this.#longestLatency, answeredAt - sentAt);
  }

  /** Drops all entries that were answered at or before `time`. */
  forget(time: number): void {
    while (this.#head < this.#answered.length && (this.#answered[this.#head] ?? 0) <= time) this.drop();
  }

  /** Drops the oldest entry. */
  drop(): void {
    this.#head = Math.min(this.#head + 1, this.#answered.length);
  }

  /** When the entry at `index` was sent; index 0 is the one that was answered first. */
  sentAt(index: number): number | undefined {
    return this.#sent[this.#head + index];
  }

  /** When the entry at `index` was answered; index 0 is the one that was answered first. */
  answeredAt(index: number): number | undefined {
    return this.#answered[this.#head + index];
  }

  /** How many were sent at or after `from` and answered at or before `until`. */
  countWithin(from: number, until: number): number {
    const end = this.#firstAnsweredAfter(until);
    const begin = this.#firstAnsweredAfter(from);
    let found = Math.max(0, end - begin);
    // The first of these may have been sent before `from`, but none that was answered later than the longest latency.
    for (let index = begin; index < end; index += 1) {
      if ((this.#answered[index] ?? 0) > from + this.#longestLatency) break;
      if ((this.#sent[index] ?? 0) < from) found -= 1;
    }
    return found;
  }

  /** How many were answered after `time`. */
  countSince(time: number): number {
    return this.#answered.length - this.#firstAnsweredAfter(time);
  }

  /** Index of the first entry that was answered after `time`. */
  #firstAnsweredAfter(time: number): number {
    let low = this.#head;
    let high = this.#answered.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#answered[middle] ?? 0) <= time) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
