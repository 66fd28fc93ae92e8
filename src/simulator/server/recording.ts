import type { IncomingMessage } from 'node:http';
import type { Token } from '../world/model.js';
import type { World } from '../world/world.js';
import type { Credentials } from './credentials.js';

/** A request as the simulator saw it, and how it answered. Names stand in place of tokens and SDK keys. */
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

/** Where requests are noted. */
export interface RecordParts {
  readonly world: World;
  readonly recording: Recording;
  readonly credentials: Credentials;
  readonly now: () => number;
}

/** Notes a request that has just arrived, and tells whose it is. */
export function beginRecord(
  incoming: IncomingMessage,
  parts: RecordParts,
): { readonly recorded: PendingRequest; readonly token: Token | undefined } {
  const { credentials } = parts;
  const authorization = incoming.headers.authorization ?? '';
  const token = parts.world.token(authorization);
  // A simulator that goes on from a state file knows its tokens only by their hashes, until they are used.
  if (token) credentials.add(authorization, `token ${token.name}`);
  const role = token?.role ?? (parts.world.sdkKey(authorization) ? 'sdk' : 'unknown');
  const recorded = parts.recording.begin({
    at: parts.now(),
    method: incoming.method ?? 'GET',
    path: credentials.target(incoming.url ?? '/'),
    headers: safeHeaders(incoming, role, credentials),
  });
  return { recorded, token };
}

function safeHeaders(
  incoming: IncomingMessage,
  role: string,
  credentials: Credentials,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value === undefined) continue;
    headers[name] = credentials.header(name, Array.isArray(value) ? value.join(', ') : value);
  }
  if (headers['authorization'] !== undefined) headers['authorization'] = role;
  return headers;
}
