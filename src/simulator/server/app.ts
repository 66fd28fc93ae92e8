import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { ErrorResponse, notFound, notSimulated } from '../api/errors.js';
import { isKnownOperation } from '../api/known-operations.js';
import { editTarget, resetWorld } from '../page/edit.js';
import { feedPage, findOnPage, showCertificate, showPage, type PageParts } from '../page/routes.js';
import { sdkRoutes } from '../sdk/routes.js';
import { beginRecord } from './recording.js';
import { rawPath } from './rest.js';

type App = Hono<{ Bindings: HttpBindings }>;

/** Serves everything except the REST API: the page, the endpoints for SDKs, and 404 for the rest. */
export function createApp(parts: PageParts): App {
  const app: App = new Hono({ getPath: (_request, options) => rawPath(options?.env?.incoming.url ?? '/') });
  // Registered before the recording, because requests of the page are not requests to LaunchDarkly.
  app.get('/', (c) => showPage(c, parts));
  app.get('/page/certificate.pem', (c) => showCertificate(c, parts));
  app.get('/page/events', (c) => feedPage(c, parts));
  app.get('/page/find', (c) => findOnPage(c, parts));
  app.post('/page/targets', (c) => editTarget(c, parts));
  app.post('/page/reset', (c) => resetWorld(c, parts));
  app.use(async (c, next) => {
    const { recorded } = beginRecord(c.env.incoming, parts);
    await next();
    parts.recording.end(recorded, c.res.status);
  });
  for (const route of sdkRoutes) {
    app.on(route.method, route.path, (c) => route.handle(c, parts.world));
  }
  app.notFound((c) => {
    const { method = 'GET', url = '/' } = c.env.incoming;
    const path = rawPath(url);
    const error = isKnownOperation(method, path)
      ? notSimulated(`${method} ${path}`)
      : notFound('resource', path);
    return c.json(error.body(), error.status);
  });
  app.onError((error, c) => {
    if (error instanceof ErrorResponse) return c.json(error.body(), error.status);
    throw error;
  });
  return app;
}
