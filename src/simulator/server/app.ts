import type { IncomingMessage } from 'node:http';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { Hono } from 'hono';
import { ApiError, notFound } from '../api/errors.js';
import { routes } from '../api/routes.js';
import type { Faults } from '../faults/faults.js';
import { feedPage, onlyLocal, showPage } from '../page/routes.js';
import { sdkRoutes } from '../sdk/routes.js';
import type { Token } from '../world/model.js';
import { answerWith } from './inject.js';
import type { PendingRequest, Recording } from './recording.js';
import { answerRest, rawPath, type RestParts } from './rest.js';

export interface Parts extends RestParts {
  readonly recording: Recording;
  readonly faults: Faults;
}

interface Variables {
  readonly recorded: PendingRequest;
  readonly token: Token | undefined;
}
type App = Hono<{ Bindings: HttpBindings; Variables: Variables }>;

/** Everything that is served on the simulator's port: the page, the REST API, and what SDKs call. */
export function createApp(parts: Parts): App {
  const app: App = new Hono({
    // On the target as it was sent: in a URL the segments `.`, `..` and `%2e` would be resolved away.
    getPath: (_request, options) => rawPath(options?.env?.incoming.url ?? '/'),
  });
  // Before the recording: whoever looks at the page is not LaunchDarkly's client.
  app.get('/', onlyLocal, (c) => showPage(c, parts));
  app.get('/page/events', onlyLocal, (c) => feedPage(c, parts));
  app.use(async (c, next) => {
    const { incoming, outgoing } = c.env;
    const authorization = incoming.headers.authorization ?? '';
    const token = parts.world.token(authorization);
    const role = token?.role ?? (parts.world.sdkKey(authorization) ? 'sdk' : 'unknown');
    const recorded = parts.recording.begin({
      at: parts.now(),
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: safeHeaders(incoming, role),
    });
    c.set('recorded', recorded);
    c.set('token', token);
    await next();
    const status = c.res === RESPONSE_ALREADY_SENT ? outgoing.statusCode : c.res.status;
    // A connection that was cut before the answer brought none.
    const isCut = c.res === RESPONSE_ALREADY_SENT && !outgoing.headersSent;
    parts.recording.end(recorded, isCut ? 0 : status);
  });
  for (const route of routes) {
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
      const { incoming } = c.env;
      const effects = parts.faults.strike(route.method, rawPath(incoming.url ?? '/'));
      const request = {
        route,
        incoming,
        token: c.get('token'),
        params: c.req.param(),
        recorded: c.get('recorded'),
      };
      await answerWith(effects, c.env, () => answerRest(request, parts), parts.now);
      return RESPONSE_ALREADY_SENT;
    });
  }
  for (const route of sdkRoutes) {
    app.on(route.method, route.path, (c) => route.handle(c, parts.world));
  }
  app.notFound((c) => {
    const error = notFound('resource', rawPath(c.env.incoming.url ?? '/'));
    return c.json(error.body(), error.status);
  });
  app.onError((error, c) => {
    if (error instanceof ApiError) return c.json(error.body(), error.status);
    throw error;
  });
  return app;
}

function safeHeaders(incoming: IncomingMessage, role: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  if (headers['authorization'] !== undefined) headers['authorization'] = role;
  return headers;
}
