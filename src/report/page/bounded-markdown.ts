/** How long a text may be: GitHub limits comments in characters and summaries in bytes. */
export interface Limit {
  readonly size: number;
  readonly in: 'characters' | 'bytes';
}

/** Markdown that never exceeds its limit: a part that does not fit is refused, so that the caller can say what is missing. */
export class BoundedMarkdown {
  readonly #limit: Limit;
  readonly #parts: string[] = [];
  #size = 0;

  /** @param reserve is kept free for the end */
  constructor(limit: Limit, reserve: number) {
    this.#limit = { ...limit, size: limit.size - reserve };
  }

  /** Adds a text. Returns false, and adds nothing, if it does not fit. */
  add(text: string): boolean {
    const size = this.#measure(text);
    if (this.#size + size > this.#limit.size) return false;
    this.#parts.push(text);
    this.#size += size;
    return true;
  }

  /**
   * Renders items, from the first on, until the next one would not fit. Adds nothing.
   * @param around the text that the caller will add before and after them
   */
  renderFitting<T>(items: readonly T[], render: (item: T) => string, around: string): string[] {
    const rendered: string[] = [];
    let size = this.#size + this.#measure(around);
    for (const item of items) {
      const text = render(item);
      size += this.#measure(text);
      if (size > this.#limit.size) break;
      rendered.push(text);
    }
    return rendered;
  }

  /** The whole text, with an end that may use the reserve. */
  finish(end: string): string {
    return this.#parts.join('') + end;
  }

  #measure(text: string): number {
    return this.#limit.in === 'bytes' ? Buffer.byteLength(text) : text.length;
  }
}
