import type { IncomingMessage, ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import { ErrorResponse, conflict, rateLimited } from '../api/errors.js';
import type { FaultEffect, FaultStatus } from '../faults/fault.js';
import type { WireResponse } from './wire-response.js';
import { renderError, send } from './wire-response.js';

/** A request and its response. */
export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/**
 * Answers a request and applies the effects of faults.
 * @param effects the effects on this request
 * @param handle carries out the request and returns the response without faults
 * @param now epoch milliseconds
 */
export async function respondWithFaults(
  effects: readonly FaultEffect[],
  exchange: Exchange,
  handle: () => Promise<WireResponse>,
  now: () => number,
): Promise<void> {
  for (const effect of effects) {
    const instead = await beforeHandling(effect, exchange);
    if (instead === 'reset') return reset(exchange);
    if (instead) return send(exchange.outgoing, instead);
  }
  const late = effects.find((effect) => effect.kind === 'late');
  if (late) {
    reset(exchange);
    // It must not keep the process alive.
    await delay(late.ms, undefined, { ref: false });
    await handle();
    return;
  }
  const response = await handle();
  if (effects.some(({ kind }) => kind === 'reset-after')) return reset(exchange);
  const distorted = effects.reduce((result, effect) => distort(result, effect, now()), response);
  const slow = effects.find((effect) => effect.kind === 'slow-body');
  const isTruncated = effects.some(({ kind }) => kind === 'truncate');
  if (isTruncated && distorted.text !== '') return sendHalf(exchange, distorted);
  if (slow && distorted.text !== '') return sendSlowly(exchange, distorted, slow.ms);
  send(exchange.outgoing, distorted);
}

/** What a fault does before the request takes effect: a response instead of the real one, a reset, or nothing. */
async function beforeHandling(
  effect: FaultEffect,
  { incoming }: Exchange,
): Promise<WireResponse | 'reset' | undefined> {
  switch (effect.kind) {
    case 'latency':
      await delay(effect.ms);
      return undefined;
    case 'reset-before':
      return 'reset';
    case 'status':
      return refusal(effect.status);
    case 'status-after':
    case 'late':
      return undefined;
    case 'api-version':
      return renderError(
        new ErrorResponse(effect.status, 'This version of the API does not have this resource'),
      );
    case 'conflict':
      return incoming.method === 'GET' ? undefined : renderError(conflict());
    case 'ip-limit':
      return withHeader(renderError(rateLimited()), 'Retry-After', String(effect.seconds));
    case 'reset-after':
    case 'truncate':
    case 'malformed':
    case 'slow-body':
    case 'no-rate-headers':
    case 'past-reset':
      return undefined;
  }
}

/** Applies a fault that changes the response itself rather than how it is sent. */
function distort(response: WireResponse, effect: FaultEffect, now: number): WireResponse {
  switch (effect.kind) {
    case 'malformed':
      return response.status < 300 ? { ...response, text: half(response.text) } : response;
    case 'status-after':
      return refusal(effect.status);
    case 'no-rate-headers':
      return mapHeaders(response, (name, value) => (/^x-ratelimit-/i.test(name) ? undefined : value));
    case 'past-reset':
      return mapHeaders(response, (name, value) =>
        /^x-ratelimit-.*reset$/i.test(name) ? String(now - effect.ms) : value,
      );
    case 'latency':
    case 'reset-before':
    case 'reset-after':
    case 'late':
    case 'status':
    case 'api-version':
    case 'conflict':
    case 'ip-limit':
    case 'truncate':
    case 'slow-body':
      return response;
  }
}

const REFUSALS = {
  404: 'There is no such resource',
  405: 'This resource does not allow the method',
  410: 'This resource has been removed',
  500: 'A simulated server error',
} as const;

function refusal(status: FaultStatus): WireResponse {
  if (status !== 502 && status !== 503) return renderError(new ErrorResponse(status, REFUSALS[status]));
  const text = `<html><body><h1>${status} from a simulated gateway</h1></body></html>`;
  return { status, headers: { 'Content-Type': 'text/html' }, text };
}

function withHeader(response: WireResponse, name: string, value: string): WireResponse {
  return { ...response, headers: { ...response.headers, [name]: value } };
}

function mapHeaders(
  response: WireResponse,
  change: (name: string, value: string) => string | undefined,
): WireResponse {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(response.headers)) {
    const changed = change(name, value);
    if (changed !== undefined) headers[name] = changed;
  }
  return { ...response, headers };
}

/** Breaks the connection. A TLS connection cannot be reset, but ending it without a word breaks it as well. */
function reset({ incoming: { socket } }: Exchange): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

function sendHalf({ incoming, outgoing }: Exchange, { status, headers, text }: WireResponse): void {
  outgoing.writeHead(status, { ...headers, 'Content-Length': Buffer.byteLength(text) });
  outgoing.write(half(text), () => incoming.socket.destroy());
}

async function sendSlowly(
  { outgoing }: Exchange,
  { status, headers, text }: WireResponse,
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
