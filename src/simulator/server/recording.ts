import type { IncomingMessage } from 'node:http';
import type { Token } from '../world/model.js';
import type { World } from '../world/world.js';
import type { Credentials } from './credentials.js';

/** A request and the status of its response. Tokens and SDK keys are replaced by their names. */
export interface RecordedRequest {
  /** When it arrived, epoch milliseconds by the simulator's clock. */
  readonly at: number;
  readonly method: string;
  /** As it was sent: percent-encoded, with the query. */
  readonly path: string;
  /** Names in lower case. `authorization` contains the role of the token, or `unknown`. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed JSON, the text if it was not JSON, or undefined without a body. */
  readonly body: unknown;
  /** The status of the response; 0 if there is none yet. */
  readonly status: number;
}

/** A request that has not been answered yet. */
export interface PendingRequest extends RecordedRequest {
  body: unknown;
  status: number;
}

/** The requests in order of arrival. If there are too many, the oldest are dropped. */
export class Recording {
  readonly #kept: number;
  readonly #requests: RecordedRequest[] = [];
  readonly #listeners = new Set<(request: RecordedRequest) => void>();

  constructor(kept: number) {
    this.#kept = kept;
  }

  /** Calls the listener with each request after it was answered, until the returned function is called. */
  onAnswered(listener: (request: RecordedRequest) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  get requests(): readonly RecordedRequest[] {
    return this.#requests;
  }

  /** Records a request. Returns the record, whose body is still to be set. */
  begin(request: Omit<RecordedRequest, 'body' | 'status'>): PendingRequest {
    const recorded: PendingRequest = { ...request, body: undefined, status: 0 };
    this.#requests.push(recorded);
    if (this.#requests.length > this.#kept) this.#requests.splice(0, Math.ceil(this.#kept / 10));
    return recorded;
  }

  /** Records the status of the response; 0 if there was none. */
  end(recorded: PendingRequest, status: number): void {
    recorded.status = status;
    for (const listener of this.#listeners) listener(recorded);
  }

  clear(): void {
    this.#requests.length = 0;
  }
}

/** Everything needed to record a request. */
export interface RecordParts {
  readonly world: World;
  readonly recording: Recording;
  readonly credentials: Credentials;
  readonly now: () => number;
}

/** Records a request that has just arrived, and finds its token. */
export function beginRecord(
  incoming: IncomingMessage,
  parts: RecordParts,
): { readonly recorded: PendingRequest; readonly token: Token | undefined } {
  const { credentials } = parts;
  const authorization = incoming.headers.authorization ?? '';
  const token = parts.world.token(authorization);
  // After a restart from a state file only the hashes of tokens are known, until a token is used.
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
