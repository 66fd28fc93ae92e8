import type { ServerResponse } from 'node:http';
import type { ApiError } from '../api/errors.js';

/** An answer as it goes over the wire. */
export interface PlainAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for no body. */
  readonly text: string;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

export function json(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): PlainAnswer {
  return { status, headers: text === '' ? headers : { ...JSON_TYPE, ...headers }, text };
}

export function problem(error: ApiError, headers: Readonly<Record<string, string>> = {}): PlainAnswer {
  return json(error.status, JSON.stringify(error.body()), headers);
}

export function send(outgoing: ServerResponse, { status, headers, text }: PlainAnswer): void {
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(text);
}
