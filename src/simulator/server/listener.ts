import type { IncomingMessage, ServerResponse } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import type { Faults } from '../faults/faults.js';
import { PageTokens } from '../page/page-token.js';
import { Revision } from '../page/revision.js';
import type { PageParts } from '../page/routes.js';
import { createApp } from './app.js';
import type { Handler } from './guard.js';
import { respondWithFaults } from './inject-faults.js';
import { matchRoute, type RouteMatch } from './match-route.js';
import { beginRecord } from './recording.js';
import { handleRest, rawPath, type RestParts } from './rest.js';

export interface ListenerParts extends RestParts, Omit<PageParts, 'tokens' | 'revision'> {
  readonly faults: Faults;
  /** Whether `now` differs from the machine's clock. */
  readonly hasOwnClock: boolean;
}

/**
 * Handles every request to the simulator's port. The REST API uses Node's streams directly, which is faster; the page and
 * the endpoints for SDKs use the framework, which can stream.
 */
export function createListener(parts: ListenerParts): Handler {
  const app = createApp({
    ...parts,
    tokens: new PageTokens(parts.now),
    revision: new Revision(parts.world),
  });
  const serveApp = getRequestListener(app.fetch, { overrideGlobalObjects: false });
  return (incoming, outgoing, body) => {
    parts.world.expireTargets();
    const found = matchRoute(incoming.method ?? 'GET', rawPath(incoming.url ?? '/'));
    const text = incoming.method === 'GET' ? '' : body.toString();
    if (found) void serveRest(incoming, outgoing, { ...found, text }, parts);
    // The framework takes a body that was already read from `rawBody`.
    else void serveApp(Object.assign(incoming, { rawBody: body }), outgoing);
  };
}

async function serveRest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  found: RouteMatch & { readonly text: string },
  parts: ListenerParts,
): Promise<void> {
  // Node would send the machine's time, but clients compare the reset times of rate limits with this header.
  if (parts.hasOwnClock) outgoing.setHeader('Date', new Date(parts.now()).toUTCString());
  const { recorded, token } = beginRecord(incoming, parts);
  const effects = parts.faults.match(found.route.method, rawPath(incoming.url ?? '/'));
  const request = { ...found, incoming, token, recorded };
  await respondWithFaults(effects, { incoming, outgoing }, () => handleRest(request, parts), parts.now);
  // No response was sent if a fault broke the connection before it.
  parts.recording.end(recorded, outgoing.headersSent ? outgoing.statusCode : 0);
}
