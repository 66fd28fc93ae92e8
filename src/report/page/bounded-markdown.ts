/** How long a text may be: GitHub counts a comment in characters and a summary in bytes. */
export interface Limit {
  readonly size: number;
  readonly in: 'characters' | 'bytes';
}

/** A text that never grows over its limit: what does not fit is refused, and whoever writes can say what is missing. */
export class BoundedMarkdown {
  readonly #limit: Limit;
  readonly #parts: string[] = [];
  #size = 0;

  /** @param reserve kept free for what must stand at the end */
  constructor(limit: Limit, reserve: number) {
    this.#limit = { ...limit, size: limit.size - reserve };
  }

  /** Adds a text, or gives false where it does not fit. */
  add(text: string): boolean {
    const size = this.#measure(text);
    if (this.#size + size > this.#limit.size) return false;
    this.#parts.push(text);
    this.#size += size;
    return true;
  }

  /** As many texts, from the first on, as would fit together with what goes around them. Adds nothing. */
  take<T>(items: readonly T[], render: (item: T) => string, around: string): string[] {
    const taken: string[] = [];
    let size = this.#size + this.#measure(around);
    for (const item of items) {
      const text = render(item);
      size += this.#measure(text);
      if (size > this.#limit.size) break;
      taken.push(text);
    }
    return taken;
  }

  /** What was added, and an end that may use the reserve. */
  finish(end: string): string {
    return this.#parts.join('') + end;
  }

  #measure(text: string): number {
    return this.#limit.in === 'bytes' ? Buffer.byteLength(text) : text.length;
  }
}
