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
  501: 'not_implemented',
} as const;

/** Thrown to answer a request with an error in the API's format. */
export class ErrorResponse extends Error {
  override readonly name = 'ErrorResponse';
  readonly status: keyof typeof CODES;
  readonly #code: string;
  /** More fields of the body. */
  readonly #more: Readonly<Record<string, Json>>;

  constructor(
    status: keyof typeof CODES,
    message: string,
    code: string = CODES[status],
    more: Readonly<Record<string, Json>> = {},
  ) {
    super(message);
    this.status = status;
    this.#code = code;
    this.#more = more;
  }

  body(): Json {
    return { code: this.#code, message: this.message, ...this.#more };
  }
}

export const unauthorized = (): ErrorResponse =>
  new ErrorResponse(401, 'The access token is missing or unknown');
/** The refusal of an action that a token's role does not allow, as LaunchDarkly words it. */
export const forbidden = (action?: string): ErrorResponse =>
  new ErrorResponse(403, 'Access to the requested resource was denied', undefined, {
    reason: { effect: 'deny' },
    ...(action === undefined ? {} : { access: { action } }),
  });
export const notSimulated = (what: string): ErrorResponse =>
  new ErrorResponse(501, `not simulated: ${what} is an operation of LaunchDarkly that the simulator lacks`);
export const notFound = (what: string, key: string): ErrorResponse =>
  new ErrorResponse(404, `There is no ${what} with the key ${JSON.stringify(key)}`);
export const invalid = (message: string): ErrorResponse => new ErrorResponse(400, message);
export const conflict = (): ErrorResponse =>
  new ErrorResponse(409, 'Another change of this flag is in progress. Retry your request');
export const testFailed = (message: string): ErrorResponse => new ErrorResponse(409, message, 'conflict');
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
