import type { Json } from '../../json/json.js';

/** The codes in LaunchDarkly's error bodies, by status. */
const CODES = {
  400: 'invalid_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  406: 'not_acceptable',
  409: 'optimistic_locking_error',
  410: 'gone',
  429: 'rate_limited',
  500: 'internal_service_error',
} as const;

/** Thrown to answer a request with an error in the API's format. */
export class ErrorResponse extends Error {
  override readonly name = 'ErrorResponse';
  readonly status: keyof typeof CODES;
  readonly #code: string;

  constructor(status: keyof typeof CODES, message: string, code: string = CODES[status]) {
    super(message);
    this.status = status;
    this.#code = code;
  }

  body(): Json {
    return { code: this.#code, message: this.message };
  }
}

export const unauthorized = (): ErrorResponse =>
  new ErrorResponse(401, 'The access token is missing or unknown');
export const forbidden = (): ErrorResponse => new ErrorResponse(403, 'The access token may not do this');
export const notFound = (what: string, key: string): ErrorResponse =>
  new ErrorResponse(404, `There is no ${what} with the key ${JSON.stringify(key)}`);
export const invalid = (message: string): ErrorResponse => new ErrorResponse(400, message);
export const conflict = (): ErrorResponse =>
  new ErrorResponse(409, 'Another change of this flag is in progress. Retry your request');
export const alreadyExists = (what: string, key: string): ErrorResponse =>
  new ErrorResponse(409, `There is already a ${what} with the key ${JSON.stringify(key)}`, 'conflict');
export const approvalMissing = (environment: string, status: 403 | 405): ErrorResponse =>
  new ErrorResponse(
    status,
    status === 405
      ? `Changes in the environment ${JSON.stringify(environment)} require approval`
      : `An approval is required to make this change in the environment ${JSON.stringify(environment)}`,
  );
export const rateLimited = (): ErrorResponse =>
  new ErrorResponse(429, 'Too many requests in this window. Try again later');
