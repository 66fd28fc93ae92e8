import { setTimeout as delay } from 'node:timers/promises';
import type { HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import type { Context, MiddlewareHandler } from 'hono';
import { conflict, rateLimited } from '../api/errors.js';
import type { FaultEffect } from '../faults/fault.js';
import type { Faults } from '../faults/faults.js';

type FaultContext = Context<{ Bindings: HttpBindings }>;

/** Lets go wrong what is planned to go wrong, around everything that the API does. */
export function injectFaults(
  faults: Faults,
  now: () => number,
): MiddlewareHandler<{ Bindings: HttpBindings }> {
  return async (c, next) => {
    const method = c.env.incoming.method ?? 'GET';
    const effects = faults.strike(method, (c.env.incoming.url ?? '/').replace(/\?.*$/s, ''));
    if (effects.length === 0) return next();
    for (const effect of effects) {
      const instead = await before(c, effect, method);
      if (instead) return instead;
    }
    await next();
    for (const effect of effects) await after(c, effect, now);
  };
}

/** What happens before the request has any effect; a response, where it comes to nothing else. */
async function before(c: FaultContext, effect: FaultEffect, method: string): Promise<Response | undefined> {
  switch (effect.kind) {
    case 'latency':
      await delay(effect.ms);
      return undefined;
    case 'reset-before':
      return cut(c);
    case 'status':
      if (effect.status === 500) {
        return c.json({ code: 'internal_service_error', message: 'A simulated server error' }, 500);
      }
      return c.html(
        `<html><body><h1>${effect.status} from a simulated gateway</h1></body></html>`,
        effect.status,
      );
    case 'conflict':
      return method === 'GET' ? undefined : c.json(conflict().body(), 409);
    case 'ip-limit':
      return c.json(rateLimited().body(), 429, { 'Retry-After': String(effect.seconds) });
    case 'reset-after':
    case 'truncate':
    case 'malformed':
    case 'slow-body':
    case 'no-rate-headers':
    case 'past-reset':
      return undefined;
  }
}

/** What happens to an answer after the request had its effect. */
async function after(c: FaultContext, effect: FaultEffect, now: () => number): Promise<void> {
  switch (effect.kind) {
    case 'reset-after':
      return replace(c, cut(c));
    case 'no-rate-headers':
      for (const name of headerNames(c)) {
        if (name.startsWith('x-ratelimit-')) c.res.headers.delete(name);
      }
      return undefined;
    case 'past-reset':
      for (const name of headerNames(c)) {
        if (/^x-ratelimit-.*reset$/.test(name)) c.res.headers.set(name, String(now() - effect.ms));
      }
      return undefined;
    case 'malformed': {
      if (!c.res.ok) return undefined;
      const text = await c.res.text();
      return replace(c, new Response(text === '' ? null : half(text), c.res));
    }
    case 'truncate':
    case 'slow-body':
      return byHand(c, effect);
    case 'latency':
    case 'reset-before':
    case 'status':
    case 'conflict':
    case 'ip-limit':
      return undefined;
  }
}

/** A list of its own: headers are taken away while it is gone through. */
function headerNames(c: FaultContext): readonly string[] {
  return Object.keys(Object.fromEntries(c.res.headers));
}

/** Breaks the connection. */
function cut(c: FaultContext): Response {
  c.env.incoming.socket.resetAndDestroy();
  return RESPONSE_ALREADY_SENT;
}

/** Sets the response without what Hono would carry over from the one that was there. */
function replace(c: FaultContext, response: Response): void {
  c.res = undefined;
  c.res = response;
}

async function byHand(
  c: FaultContext,
  effect: Extract<FaultEffect, { kind: 'truncate' | 'slow-body' }>,
): Promise<void> {
  const text = await c.res.text();
  const { outgoing } = c.env;
  const { status, headers } = c.res;
  replace(c, RESPONSE_ALREADY_SENT);
  outgoing.writeHead(status, {
    ...Object.fromEntries(headers),
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
  });
  if (effect.kind === 'truncate' && text !== '') {
    outgoing.write(half(text), () => c.env.incoming.socket.destroy());
    return;
  }
  const bytes = Buffer.from(text);
  const size = Math.ceil(bytes.length / 10);
  for (let start = 0; start < bytes.length && !outgoing.destroyed; start += size) {
    await delay(effect.kind === 'slow-body' ? effect.ms / 10 : 0);
    outgoing.write(bytes.subarray(start, start + size));
  }
  outgoing.end();
}

const half = (text: string): string => text.slice(0, Math.ceil(text.length / 2));
