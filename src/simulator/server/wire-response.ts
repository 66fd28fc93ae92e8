import type { ServerResponse } from 'node:http';
import type { ErrorResponse } from '../api/errors.js';

/** A response as it is sent. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Empty for no body. */
  readonly text: string;
}

const JSON_TYPE = { 'Content-Type': 'application/json' };

export function renderJson(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  return { status, headers: text === '' ? headers : { ...JSON_TYPE, ...headers }, text };
}

export function renderError(
  error: ErrorResponse,
  headers: Readonly<Record<string, string>> = {},
): WireResponse {
  return renderJson(error.status, JSON.stringify(error.body()), headers);
}

export function send(outgoing: ServerResponse, { status, headers, text }: WireResponse): void {
  const length = status === 204 ? {} : { 'Content-Length': Buffer.byteLength(text) };
  outgoing.writeHead(status, { ...headers, ...length });
  outgoing.end(text);
}
