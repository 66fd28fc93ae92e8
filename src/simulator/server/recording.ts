/** A request as the simulator saw it, and how it answered. Holds no token. */
export interface RecordedRequest {
  /** When it arrived, epoch milliseconds by the simulator's clock. */
  readonly at: number;
  readonly method: string;
  /** As it came: percent-encoded, with the query. */
  readonly path: string;
  /** Names in lower case. In place of a token stands its role, or `unknown`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, the text where it was none, or undefined without a body. */
  readonly body: unknown;
  /** The status of the answer; 0 while there is none. */
  readonly status: number;
}

/** Requests in the order in which they arrived; the oldest are forgotten where there are too many. */
export class Recording {
  readonly #kept: number;
  readonly #requests: RecordedRequest[] = [];

  constructor(kept: number) {
    this.#kept = kept;
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Notes a request, and gives back what notes its body and its answer. */
  begin(request: Omit<RecordedRequest, 'body' | 'status'>): { body: unknown; status: number } {
    const recorded = { ...request, body: undefined as unknown, status: 0 };
    this.#requests.push(recorded);
    if (this.#requests.length > this.#kept) this.#requests.splice(0, Math.ceil(this.#kept / 10));
    return recorded;
  }

  clear(): void {
    this.#requests.length = 0;
  }
}
