import type { Token } from '../world/model.js';
import type { World } from '../world/world.js';
import type { Writer } from './writer.js';

/** A request to the REST API after its path was matched, its token recognised and its body parsed. */
export interface RouteRequest {
  /** Path parameters, percent-decoded once. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** Parsed JSON; undefined where the request had no body. */
  readonly body: unknown;
  readonly token: Token;
  readonly world: World;
  readonly writer: Writer;
  readonly quirks: Quirks;
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
}

/** Where LaunchDarkly's own documents disagree, and a client must cope with either. */
export interface Quirks {
  /** The flag list has `environments` only for `filter=filterEnv:E`, whatever `env` says. */
  readonly listNeedsFilterEnv?: boolean;
}

export interface RouteResponse {
  readonly status: 200 | 201 | 204;
  /** What is sent as JSON; undefined for no body. */
  readonly body?: unknown;
  /** The same as JSON text, where that is at hand. */
  readonly text?: string;
}

/** One operation of the REST API: a verb and a path as the API's document spells it. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** For example `/api/v2/flags/{projectKey}`. */
  readonly path: string;
  /** The status for a token that may read but not write; by the document 401 where an operation knows no 403. */
  readonly whenReadOnly?: 401 | 403;
  /** Present on the deprecated operations on users, which LaunchDarkly may have removed. */
  readonly family?: 'users';
  readonly handle: (request: RouteRequest) => RouteResponse | Promise<RouteResponse>;
}

/** A path parameter that the route's path names. */
export function pathParam(request: RouteRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new TypeError(`the route has no parameter ${name}`);
  return value;
}
