import type { Token } from '../world/model.js';
import type { World } from '../world/world.js';
import type { Writer } from './writer.js';

/** A request to the REST API, after routing, authentication and parsing of its body. */
export interface RouteRequest {
  /** Path parameters, percent-decoded once. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly contentType: string;
  /** Parsed JSON; undefined if the request had no body. */
  readonly body: unknown;
  readonly token: Token;
  readonly world: World;
  readonly writer: Writer;
  readonly quirks: Quirks;
  /** The clock, epoch milliseconds. */
  readonly now: () => number;
}

/** Behaviour on which LaunchDarkly's documents contradict each other: a client must cope with both variants. */
export interface Quirks {
  /** The flag list shows `environments` only for `filter=filterEnv:E`, and ignores `env`. */
  readonly listNeedsFilterEnv?: boolean;
}

export interface RouteResponse {
  readonly status: 200 | 201 | 204;
  /** Sent as JSON; undefined for no body. */
  readonly body?: unknown;
  /** The body as JSON text, if it is already rendered. */
  readonly text?: string;
}

/** One operation of the REST API: a method and a path as in the API document. */
export interface Route {
  readonly method: 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  /** For example `/api/v2/flags/{projectKey}`. */
  readonly path: string;
  /** The action that a role needs for a write, if it does not depend on the body. */
  readonly action?: string;
  /** Present on the deprecated operations on users, which LaunchDarkly may have removed. */
  readonly family?: 'users';
  readonly handle: (request: RouteRequest) => RouteResponse | Promise<RouteResponse>;
}

/** The value of a parameter in the route's path. */
export function pathParam(request: RouteRequest, name: string): string {
  const value = request.params[name];
  if (value === undefined) throw new TypeError(`the route has no parameter ${name}`);
  return value;
}
