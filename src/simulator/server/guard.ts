import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import { isLoopback } from '../../security/loopback.js';
import { send } from './http-response.js';

/** Answers a request, of which the body was read already. */
export type Handler = (incoming: IncomingMessage, outgoing: ServerResponse, body: Buffer) => void;

export interface GuardOptions {
  /** Bytes that a body may have. */
  readonly largestBody: number;
  /** Names that it answers to besides those of this machine. */
  readonly hosts: readonly string[];
}

interface Refusal {
  readonly status: 403 | 413;
  readonly code: string;
  readonly message: string;
}

const NO_BODY = Buffer.alloc(0);

/**
 * A server that checks each request before it hands it on:
 *
 * - Host must be one of its names, so that no other site can point its own name here (DNS rebinding).
 * - Origin must be absent or the same host: web pages of other origins may neither read nor write.
 * - The body must not be too large. A Content-Length over the limit is refused before anything is read; without one,
 *   reading stops at the limit.
 */
export function guardedServer(options: GuardOptions, handle: Handler): Server {
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
  return createServer(listener(false)).on('checkContinue', listener(true));
}

function refusalOf(headers: IncomingHttpHeaders, options: GuardOptions): Refusal | undefined {
  const { host = '', origin } = headers;
  if (!isOwnName(host, options.hosts)) {
    const message = `this simulator is for this machine only, and does not answer to the host ${JSON.stringify(host)}`;
    return { status: 403, code: 'forbidden', message };
  }
  if (origin !== undefined && !isSameHost(origin, host)) {
    const message = `this simulator answers no page of another origin: ${JSON.stringify(origin)}`;
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

/** Whether an Origin is that of the host which was asked. By http or https: a proxy may have taken the TLS away. */
function isSameHost(origin: string, host: string): boolean {
  if (!URL.canParse(origin)) return false;
  const { protocol, host: asking } = new URL(origin);
  return (
    asking !== '' && URL.canParse(`${protocol}//${host}`) && new URL(`${protocol}//${host}`).host === asking
  );
}

function hasBody(headers: IncomingHttpHeaders): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/**
 * Reads a body, not by way of a web stream, which would cost more than all the rest of a request.
 * @param done is given undefined once the limit is passed; nothing where the client goes away
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
  return { status: 413, code: 'content_too_large', message: `a body may have ${limit} bytes at most` };
}

/** The connection ends with it: what is left of the request is not read. */
function refuse(outgoing: ServerResponse, { status, code, message }: Refusal): void {
  const headers = { 'Content-Type': 'application/json', Connection: 'close' };
  send(outgoing, { status, headers, text: JSON.stringify({ code, message }) });
}
