import type { ServerResponse } from 'node:http';
import type { ErrorResponse } from '../api/errors.js';

/** A response as it is sent. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for no body. */
  readonly text: string;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

export function jsonResponse(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return { status, headers: text === '' ? headers : { ...JSON_TYPE, ...headers }, text };
}

export function errorResponse(
  error: ErrorResponse,
  headers: Readonly<Record<string, string>> = {},
): HttpResponse {
  return jsonResponse(error.status, JSON.stringify(error.body()), headers);
}

export function send(outgoing: ServerResponse, { status, headers, text }: HttpResponse): void {
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(text);
}
