import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { ErrorResponse, conflict, rateLimited } from '../api/errors.js';
import type { FaultEffect, FaultStatus } from '../faults/fault.js';
import type { HttpResponse } from './http-response.js';
import { errorResponse, send } from './http-response.js';

/** The two ends of one request. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * Answers a request with whatever goes wrong around it.
 * @param effects what goes wrong with this request
 * @param answer does what the request asks for, and says what to answer
 * @param now epoch milliseconds
 */
export async function respondWithFaults(
  effects: readonly FaultEffect[],
  ends: Exchange,
  answer: () => Promise<HttpResponse>,
  now: () => number,
): Promise<void> {
  for (const effect of effects) {
    const instead = await before(effect, ends);
    if (instead === 'cut') return cut(ends);
    if (instead) return send(ends.outgoing, instead);
  }
  const honest = await answer();
  if (effects.some(({ kind }) => kind === 'reset-after')) return cut(ends);
  const bent = effects.reduce((result, effect) => bend(result, effect, now()), honest);
  const slow = effects.find((effect) => effect.kind === 'slow-body');
  if (effects.some(({ kind }) => kind === 'truncate') && bent.text !== '') return sendHalf(ends, bent);
  if (slow && bent.text !== '') return sendSlowly(ends, bent, slow.ms);
  send(ends.outgoing, bent);
}

/** What happens before the request has any effect. */
async function before(
  effect: FaultEffect,
  { incoming }: Exchange,
): Promise<HttpResponse | 'cut' | undefined> {
  switch (effect.kind) {
    case 'latency':
      await delay(effect.ms);
      return undefined;
    case 'reset-before':
      return 'cut';
    case 'status':
      return refusal(effect.status);
    case 'api-version':
      return errorResponse(
        new ErrorResponse(effect.status, 'This version of the API does not have this resource'),
      );
    case 'conflict':
      return incoming.method === 'GET' ? undefined : errorResponse(conflict());
    case 'ip-limit':
      return withHeader(errorResponse(rateLimited()), 'Retry-After', String(effect.seconds));
    case 'reset-after':
    case 'truncate':
    case 'malformed':
    case 'slow-body':
    case 'no-rate-headers':
    case 'past-reset':
      return undefined;
  }
}

/** An answer after what changes it without changing how it is sent. */
function bend(answer: HttpResponse, effect: FaultEffect, now: number): HttpResponse {
  switch (effect.kind) {
    case 'malformed':
      return answer.status < 300 ? { ...answer, text: half(answer.text) } : answer;
    case 'no-rate-headers':
      return mapHeaders(answer, (name, value) => (/^x-ratelimit-/i.test(name) ? undefined : value));
    case 'past-reset':
      return mapHeaders(answer, (name, value) =>
        /^x-ratelimit-.*reset$/i.test(name) ? String(now - effect.ms) : value,
      );
    case 'latency':
    case 'reset-before':
    case 'reset-after':
    case 'status':
    case 'api-version':
    case 'conflict':
    case 'ip-limit':
    case 'truncate':
    case 'slow-body':
      return answer;
  }
}

const REFUSALS = {
  404: 'There is no such resource',
  405: 'This resource does not allow the method',
  410: 'This resource has been removed',
  500: 'A simulated server error',
} as const;

function refusal(status: FaultStatus): HttpResponse {
  if (status !== 502 && status !== 503) return errorResponse(new ErrorResponse(status, REFUSALS[status]));
  const text = `<html><body><h1>${status} from a simulated gateway</h1></body></html>`;
  return { status, headers: { 'Content-Type': 'text/html' }, text };
}

function withHeader(answer: HttpResponse, name: string, value: string): HttpResponse {
  return { ...answer, headers: { ...answer.headers, [name]: value } };
}

function mapHeaders(
  answer: HttpResponse,
  change: (name: string, value: string) => string | undefined,
): HttpResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    const changed = change(name, value);
    if (changed !== undefined) headers[name] = changed;
  }
  return { ...answer, headers };
}

/** Breaks the connection. */
function cut({ incoming }: Exchange): void {
  incoming.socket.resetAndDestroy();
}

function sendHalf({ incoming, outgoing }: Exchange, { status, headers, text }: HttpResponse): void {
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) });
  outgoing.write(half(text), () => incoming.socket.destroy());
}

async function sendSlowly(
  { outgoing }: Exchange,
  { status, headers, text }: HttpResponse,
  ms: number,
): Promise<void> {
  const bytes = Buffer.from(text);
  outgoing.writeHead(status, { ...headers, 'Content-Length': bytes.length });
  const size = Math.ceil(bytes.length / 10);
  for (let start = 0; start < bytes.length && !outgoing.destroyed; start += size) {
    await delay(ms / 10);
    outgoing.write(bytes.subarray(start, start + size));
  }
  outgoing.end();
}

const half = (text: string): string => text.slice(0, Math.ceil(text.length / 2));
