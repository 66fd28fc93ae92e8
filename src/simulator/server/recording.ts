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

/** A request that was not answered yet. */
export interface PendingRequest extends RecordedRequest {
  body: unknown;
  status: number;
}

/** Requests in the order in which they arrived; the oldest are forgotten where there are too many. */
export class Recording {
  readonly #kept: number;
  readonly #requests: RecordedRequest[] = [];
  readonly #listeners = new Set<(request: RecordedRequest) => void>();

  constructor(kept: number) {
    this.#kept = kept;
  }

  /** Calls the listener with each request once it was answered, until the returned function is called. */
  onAnswered(listener: (request: RecordedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Notes a request, and gives back where its body is to be noted. */
  begin(request: Omit<RecordedRequest, 'body' | 'status'>): PendingRequest {
    const recorded: PendingRequest = { ...request, body: undefined, status: 0 };
    this.#requests.push(recorded);
    if (this.#requests.length > this.#kept) this.#requests.splice(0, Math.ceil(this.#kept / 10));
    return recorded;
  }

  /** Notes how a request was answered; 0 where it was not. */
  end(recorded: PendingRequest, status: number): void {
    recorded.status = status;
    for (const listener of this.#listeners) listener(recorded);
  }

  clear(): void {
    this.#requests.length = 0;
  }
}
