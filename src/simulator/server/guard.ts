import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { isLoopback } from '../../security/loopback.js';
import type { TlsIdentity } from '../tls/identity.js';
import { send } from './wire-response.js';

/** Answers a request whose body has been read. */
export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) => void;

export interface GuardOptions {
  /** The largest accepted body in bytes. */
  readonly largestBody: number;
  /** Host names that it answers to in addition to loopback names. */
  readonly hosts: readonly string[];
}

interface Refusal {
  readonly status: 403 | 413;
  readonly code: string;
  readonly message: string;
}

const NO_BODY = Buffer.alloc(0);

/**
 * A server that checks each request before it passes it to the handler:
 *
 * - Host must be one of its names, so that no other site can point its own name here (DNS rebinding).
 * - Origin must be absent or the same host: web pages of other origins may neither read nor write.
 * - The body must not be too large. A Content-Length over the limit is refused before anything is read; without one,
 *   reading stops at the limit.
 *
 * @param tls serves https with this certificate
 */
export function guardedServer(options: GuardOptions, handle: Handler, tls?: TlsIdentity): Server {
  const listener =
    (expectsContinue: boolean) =>
    (incoming: IncomingMessage, outgoing: ServerResponse): void => {
      const refusal = refusalOf(incoming.headers, options);
      if (refusal !== undefined) {
        refuse(outgoing, refusal);
        return;
      }
      if (expectsContinue) outgoing.writeContinue();
      if (!hasBody(incoming.headers)) {
        handle(incoming, outgoing, NO_BODY);
        return;
      }
      readBody(incoming, options.largestBody, (body) => {
        if (body === undefined) refuse(outgoing, tooLarge(options.largestBody));
        else handle(incoming, outgoing, body);
      });
    };
  const server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.key }, listener(false))
    : createServer(listener(false));
  return server.on('checkContinue', listener(true));
}

function refusalOf(headers: IncomingHttpHeaders, options: GuardOptions): Refusal | undefined {
  const { host = '', origin } = headers;
  if (!isOwnName(host, options.hosts)) {
    const message = `this simulator is for this machine only and does not answer to the host ${JSON.stringify(host)}`;
    return { status: 403, code: 'forbidden', message };
  }
  if (origin !== undefined && !isSameHost(origin, host)) {
    const message = `this simulator does not answer pages of another origin: ${JSON.stringify(origin)}`;
    return { status: 403, code: 'forbidden', message };
  }
  const length = Number(headers['content-length'] ?? 0);
  return length > options.largestBody ? tooLarge(options.largestBody) : undefined;
}

function isOwnName(host: string, hosts: readonly string[]): boolean {
  if (isLoopback(host)) return true;
  const name = host.replace(/:\d*$/, '').replace(/\.$/, '').toLowerCase();
  return hosts.some((own) => own.toLowerCase() === name);
}

/** Whether an Origin has the requested host, over http or https: a proxy may have terminated TLS. */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: originHost } = new URL(origin);
  const requested = `${protocol}//${host}`;
  return originHost !== '' && URL.canParse(requested) && new URL(requested).host === originHost;
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Reads a body. Not with a web stream, which would take longer than the rest of the request.
 * @param done receives undefined if the body exceeds the limit; it is not called if the client disconnects
 */
function readBody(incoming: IncomingMessage, limit: number, done: (body: Buffer | undefined) => void): void {
  const chunks: Buffer[] = [];
  let size = 0;
  const onData = (chunk: Buffer): void => {
    size += chunk.length;
    if (size <= limit) {
      chunks.push(chunk);
      return;
    }
    incoming.off('data', onData).off('end', onEnd);
    chunks.length = 0;
    done(undefined);
  };
  const onEnd = (): void => done(Buffer.concat(chunks, size));
  incoming.on('data', onData).once('end', onEnd);
}

function tooLarge(limit: number): Refusal {
  return { status: 413, code: 'content_too_large', message: `the body must not exceed ${limit} bytes` };
}

/** Refuses a request and closes the connection, so that the rest of the request need not be read. */
function refuse(outgoing: ServerResponse, { status, code, message }: Refusal): void {
  const headers = { 'Content-Type': 'application/json', Connection: 'close' };
  send(outgoing, { status, headers, text: JSON.stringify({ code, message }) });
}
