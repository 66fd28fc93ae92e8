import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';
import { OperatorError } from '../diagnostics/operator-error.js';
import { approvalsOf, parseDecision, parseRequired } from './control-approvals.js';
import { FAULT_SYNTAX, parseFault } from './faults/parse.js';
import { parseMove } from './movable-clock.js';
import { guardedServer } from './server/guard.js';
import { listen } from './server/listen.js';
import { parseRateLimits } from './server/rate-limits.js';
import { parseServed } from './server/served.js';
import type { Simulator } from './simulator.js';

/** Bytes. The longest body is a fault as text. */
const LARGEST_BODY = 64 * 1024;

/**
 * Controls a running simulator. It has a separate port, so that a client of LaunchDarkly cannot reach it by accident:
 *
 * - `GET /faults`, `POST /faults {"fault": "status=503,once"}`, `DELETE /faults`, `DELETE /faults/ID`
 * - `GET /limits`, `PUT /limits {"global": 100, "route": 10, "reads": null, "token": null}`
 * - `GET /clock`, `PUT /clock {"now": "2026-12-31T00:00:00Z"}` or `{"advance": MILLISECONDS}`
 * - `GET /approvals`, `PUT /approvals {"storefront/production": true}`: where approvals are required
 * - `POST /approvals/ID {"kind": "approve"}`, `decline` or `apply`: what a member does with a request
 * - `GET /routes`, `PUT /routes {"users": false}`
 * - `GET /requests`, `DELETE /requests`
 */
function createControl(simulator: Simulator): Hono {
  const app = new Hono();
  app.use(async (c, next) => {
    // Without a preflight request, a page in a browser can send forms and plain text here, but not JSON.
    const writes = c.req.method !== 'GET';
    if (
      writes &&
      c.req.method !== 'DELETE' &&
      !/^application\/json\b/.test(c.req.header('content-type') ?? '')
    ) {
      return c.json({ error: 'the Content-Type must be application/json' }, 415);
    }
    return next();
  });
  app.get('/faults', (c) => c.json({ syntax: FAULT_SYNTAX, faults: simulator.faults.list() }));
  app.post('/faults', async (c) => {
    const body: { fault?: unknown } = await c.req.json();
    if (typeof body.fault !== 'string')
      return c.json({ error: `fault must be a string: ${FAULT_SYNTAX}` }, 400);
    return c.json({ id: simulator.faults.add(parseFault(body.fault)) }, 201);
  });
  app.delete('/faults', (c) => {
    simulator.faults.clear();
    return c.body(null, 204);
  });
  app.delete('/faults/:id{[0-9]+}', (c) =>
    simulator.faults.remove(Number(c.req.param('id')))
      ? c.body(null, 204)
      : c.json({ error: 'no such fault' }, 404),
  );
  app.get('/limits', (c) => c.json({ limits: simulator.limits, budgets: simulator.budgets() }));
  app.put('/limits', async (c) => {
    simulator.limits = { ...simulator.limits, ...parseRateLimits(await c.req.json()) };
    return c.json({ limits: simulator.limits });
  });
  app.get('/approvals', (c) => c.json(approvalsOf(simulator)));
  app.put('/approvals', async (c) => {
    for (const [scope, required] of Object.entries(parseRequired(await c.req.json()))) {
      simulator.requireApprovals(scope, required);
    }
    return c.json(approvalsOf(simulator));
  });
  app.post('/approvals/:id', async (c) => {
    const { kind, comment } = parseDecision(await c.req.json());
    simulator.decideRequest(c.req.param('id'), kind, comment);
    return c.json(approvalsOf(simulator));
  });
  app.get('/routes', (c) => c.json({ routes: simulator.served }));
  app.put('/routes', async (c) => {
    simulator.served = parseServed(await c.req.json());
    return c.json({ routes: simulator.served });
  });
  app.get('/clock', (c) => c.json(clockOf(simulator)));
  app.put('/clock', async (c) => {
    simulator.moveClock(parseMove(await c.req.json(), simulator.now()));
    return c.json(clockOf(simulator));
  });
  app.get('/requests', (c) => c.json({ requests: simulator.requests }));
  app.delete('/requests', (c) => {
    simulator.forgetRequests();
    return c.body(null, 204);
  });
  app.notFound((c) =>
    c.json({ error: 'the control API has /faults, /limits, /clock, /approvals, /routes and /requests' }, 404),
  );
  app.onError((error, c) => {
    if (error instanceof OperatorError) return c.json({ error: error.message, hint: error.hint }, 400);
    if (error instanceof SyntaxError) return c.json({ error: 'the body is not JSON' }, 400);
    return c.json({ error: 'unexpected error' }, 500);
  });
  return app;
}

function clockOf(simulator: Simulator): { readonly now: string; readonly ms: number } {
  const ms = simulator.now();
  return { now: new Date(ms).toISOString(), ms };
}

/**
 * Serves the control API on 127.0.0.1.
 * @param port 0 takes a free one
 * @throws OperatorError `cannot-listen`
 */
export async function startControl(
  simulator: Simulator,
  port: number,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const serve = getRequestListener(createControl(simulator).fetch, { overrideGlobalObjects: false });
  const options = { largestBody: LARGEST_BODY, hosts: simulator.hosts };
  const server = guardedServer(options, (incoming, outgoing, body) => {
    // If the body was already read, the framework takes it from `rawBody`.
    void serve(Object.assign(incoming, { rawBody: body }), outgoing);
  });
  const bound = await listen(server, port, '--control-port');
  return {
    url: `http://127.0.0.1:${bound}`,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
