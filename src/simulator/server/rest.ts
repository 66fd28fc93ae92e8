import type { IncomingMessage } from 'node:http';
import type { Json } from '../../json/json.js';
import { ErrorResponse, forbidden, invalid, notFound, rateLimited, unauthorized } from '../api/errors.js';
import type { Quirks, Route } from '../api/route.js';
import type { Writer } from '../api/writer.js';
import type { Token } from '../world/model.js';
import type { World } from '../world/world.js';
import type { Budgets } from './budgets.js';
import type { Credentials } from './credentials.js';
import { renderJson, renderError, type WireResponse } from './wire-response.js';
import type { PendingRequest } from './recording.js';
import type { Served } from './served.js';

/** Everything needed to handle a request to the REST API. */
export interface RestParts {
  readonly world: World;
  readonly writer: Writer;
  readonly budgets: Budgets;
  readonly quirks: Quirks;
  readonly credentials: Credentials;
  readonly served: () => Served;
  readonly now: () => number;
}

export interface RestRequest {
  readonly route: Route;
  readonly incoming: IncomingMessage;
  /** The body; empty if there is none. */
  readonly text: string;
  readonly token: Token | undefined;
  /** Path parameters, decoded; undefined if their encoding is malformed, which is answered with 404. */
  readonly params: Readonly<Record<string, string>> | undefined;
  readonly recorded: PendingRequest;
}

/** Answers one request to the REST API. Errors become responses too. */
export async function handleRest(request: RestRequest, parts: RestParts): Promise<WireResponse> {
  const headers: Record<string, string> = {};
  try {
    const { route, incoming, token, params, recorded, text } = request;
    const body = text === '' ? undefined : parseJson(text);
    if (text !== '') recorded.body = parts.credentials.body(text, body);
    const target = incoming.url ?? '/';
    // Like an unknown path: it uses no budget, so there are no headers about limits.
    if (route.family === 'users' && !parts.served().users) throw notFound('resource', rawPath(target));
    if (!token) throw unauthorized();
    const writes = route.method !== 'GET';
    const decision = parts.budgets.take(`${route.method} ${route.path}`, writes, token.id, parts.now());
    Object.assign(headers, decision.headers);
    if (!decision.allowed) throw rateLimited();
    if (writes && token.role === 'reader') throw forbidden(route.action);
    if (text !== '' && body === undefined) throw invalid('the body is not JSON');
    if (!params) throw notFound('resource', target);
    const response = await route.handle({
      params,
      query: new URLSearchParams(target.includes('?') ? target.slice(target.indexOf('?') + 1) : ''),
      contentType: incoming.headers['content-type'] ?? '',
      body,
      token,
      world: parts.world,
      writer: parts.writer,
      quirks: parts.quirks,
      now: () => parts.world.now(),
    });
    if (response.status === 204) return { status: 204, headers, text: '' };
    return renderJson(response.status, response.text ?? JSON.stringify(response.body), headers);
  } catch (error) {
    if (error instanceof ErrorResponse) return renderError(error, headers);
    const message = error instanceof Error ? error.message : 'unknown error';
    return renderError(new ErrorResponse(500, `The simulator failed: ${message}`), headers);
  }
}

/** The part of a request target before the query, still percent-encoded. */
export function rawPath(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}

/** Undefined if the text is not JSON. */
function parseJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}
