/** When requests that have been answered were sent and answered, as long as they count against a window. */
export class SendLog {
  readonly #sent: number[] = [];
  readonly #done: number[] = [];
  #head = 0;

  get size(): number {
    return this.#done.length - this.#head;
  }

  /** Entries come in the order of their answers. */
  add(sent: number, done: number): void {
    this.#sent.push(sent);
    this.#done.push(done);
  }

  /** Forgets what was answered at or before `time`. */
  forget(time: number): void {
    while (this.#head < this.#done.length && (this.#done[this.#head] ?? 0) <= time) this.drop();
  }

  /** Forgets the oldest entry. */
  drop(): void {
    this.#head = Math.min(this.#head + 1, this.#done.length);
    if (this.#head > 1024 && this.#head * 2 > this.#done.length) {
      this.#sent.splice(0, this.#head);
      this.#done.splice(0, this.#head);
      this.#head = 0;
    }
  }

  /** When the entry at `index` (the oldest answer is 0) was sent. */
  sentAt(index: number): number | undefined {
    return this.#sent[this.#head + index];
  }

  /** When the entry at `index` (the oldest answer is 0) was answered. */
  answeredAt(index: number): number | undefined {
    return this.#done[this.#head + index];
  }

  /** How many were sent at or after `from` and answered at or before `until`. */
  countWithin(from: number, until: number): number {
    let found = 0;
    for (let index = this.#head; index < this.#done.length; index += 1) {
      if ((this.#sent[index] ?? 0) >= from && (this.#done[index] ?? 0) <= until) found += 1;
    }
    return found;
  }

  /** How many were answered at or after `from`. */
  countSince(from: number): number {
    let low = this.#head;
    let high = this.#done.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#done[middle] ?? 0) < from) low = middle + 1;
      else high = middle;
    }
    return this.#done.length - low;
  }
}
