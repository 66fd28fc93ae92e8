import type { HttpBindings } from '@hono/node-server';
import { Hono, type Context } from 'hono';
import { ApiError, forbidden, invalid, notFound, rateLimited, unauthorized } from '../api/errors.js';
import type { Quirks, Route } from '../api/route.js';
import { routes } from '../api/routes.js';
import type { Writer } from '../api/writer.js';
import type { Faults } from '../faults/faults.js';
import { feedPage, onlyLocal, showPage } from '../page/routes.js';
import { sdkRoutes } from '../sdk/routes.js';
import type { Token } from '../world/model.js';
import type { World } from '../world/world.js';
import type { Budgets } from './budgets.js';
import { injectFaults } from './inject.js';
import type { PendingRequest, Recording } from './recording.js';

export interface Parts {
  readonly world: World;
  readonly writer: Writer;
  readonly budgets: Budgets;
  readonly recording: Recording;
  readonly quirks: Quirks;
  readonly faults: Faults;
  readonly now: () => number;
}

interface Variables {
  readonly recorded: PendingRequest;
  readonly token: Token | undefined;
}
type App = Hono<{ Bindings: HttpBindings; Variables: Variables }>;
type AppContext = Context<{ Bindings: HttpBindings; Variables: Variables }>;

/** The REST API over HTTP. */
export function createApp(parts: Parts): App {
  const app: App = new Hono({
    // On the target as it was sent: in a URL the segments `.`, `..` and `%2e` would be resolved away.
    getPath: (_request, options) => rawPath(options?.env?.incoming.url ?? '/'),
  });
  // Before the recording: whoever looks at the page is not LaunchDarkly's client.
  app.get('/', onlyLocal, (c) => showPage(c, parts));
  app.get('/page/events', onlyLocal, (c) => feedPage(c, parts));
  app.use(async (c, next) => {
    const { incoming } = c.env;
    const authorization = incoming.headers.authorization ?? '';
    const token = parts.world.token(authorization);
    const recorded = parts.recording.begin({
      at: parts.now(),
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers: safeHeaders(c, token?.role ?? (parts.world.sdkKey(authorization) ? 'sdk' : 'unknown')),
    });
    c.set('recorded', recorded);
    c.set('token', token);
    await next();
    // A connection that was cut brought no answer.
    parts.recording.end(recorded, c.env.incoming.socket.destroyed ? 0 : c.res.status);
  });
  app.use('/api/*', injectFaults(parts.faults, parts.now));
  for (const route of routes) {
    app.on(route.method, route.path.replaceAll(/\{(\w+)\}/g, ':$1'), (c) => answer(c, route, parts));
  }
  for (const route of sdkRoutes) {
    app.on(route.method, route.path, (c) => route.handle(c, parts.world));
  }
  app.notFound((c) => problem(c, notFound('resource', rawPath(c.env.incoming.url ?? '/'))));
  app.onError((error, c) => {
    if (error instanceof ApiError) return problem(c, error);
    throw error;
  });
  return app;
}

async function answer(c: AppContext, route: Route, parts: Parts): Promise<Response> {
  const body = await readBody(c);
  const token = c.get('token');
  if (!token) throw unauthorized();
  const writes = route.method !== 'GET';
  const verdict = parts.budgets.take(`${route.method} ${route.path}`, writes, token.id, parts.now());
  for (const [name, value] of Object.entries(verdict.headers)) c.header(name, value);
  if (!verdict.allowed) throw rateLimited();
  if (writes && token.role === 'reader') throw route.whenReadOnly === 401 ? unauthorized() : forbidden();
  const { status, body: result } = await route.handle({
    params: parameters(c),
    query: new URL(c.req.url).searchParams,
    contentType: c.req.header('content-type') ?? '',
    body: parseBody(body, c),
    token,
    world: parts.world,
    writer: parts.writer,
    quirks: parts.quirks,
    now: parts.now,
  });
  if (status === 204) return c.body(null, status);
  return c.json(result, status);
}

function problem(c: AppContext, error: ApiError): Response {
  return c.json(error.body(), error.status);
}

async function readBody(c: AppContext): Promise<string> {
  if (c.req.method === 'GET') return '';
  const text = await c.req.text();
  const recorded = c.get('recorded');
  if (text !== '') recorded.body = parsed(text);
  return text;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseBody(text: string, c: AppContext): unknown {
  if (text === '') return undefined;
  try {
    JSON.parse(text);
  } catch {
    throw invalid('the body is not JSON');
  }
  return c.get('recorded').body;
}

/** Decoded once, from the target as it was sent. */
function parameters(c: AppContext): Record<string, string> {
  try {
    decodeURIComponent(rawPath(c.env.incoming.url ?? '/'));
  } catch {
    throw notFound('resource', c.env.incoming.url ?? '/');
  }
  return c.req.param();
}

function safeHeaders(c: AppContext, role: string): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(c.env.incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  if (headers['authorization'] !== undefined) headers['authorization'] = role;
  return headers;
}

function rawPath(target: string): string {
  const query = target.indexOf('?');
  return query === -1 ? target : target.slice(0, query);
}
