import type { SeenLimits } from '../../reconcile/pace.js';
import { SecretMask } from '../../security/secret-mask.js';
import { apiError } from './api-error.js';
import type { Clock } from '../clock.js';
import type { Delivery } from './delivery.js';
import { openGate, type Wait } from '../pacing/gate.js';
import { LimitRecorder } from '../pacing/limit-recorder.js';
import { NetworkError } from './network-error.js';
import { parseJsonResponse } from './parse-json-response.js';
import type { ApiRequest } from '../paths.js';
import { readRateHeaders } from '../pacing/rate-headers.js';
import { NO_RETRY, RETRY_LIMITED_ONLY, RETRY_POLICY, type RetryPolicy, withRetry } from './retry.js';
import { type RunTime, startRun } from './run-time.js';
import { openTransport, type HttpResponse } from './transport.js';
import type { UserApi, UserRouteMemory } from '../user-route.js';

/** How fast requests may be sent: `rate` of the configuration. */
interface Rate {
  /** The most requests in flight at a time. */
  readonly concurrency: number;
  /** A hard ceiling for writes, or null for none. */
  readonly writesPerSecond: number | null;
  /** The share of every budget, 0 to 1, that is left to the account's other clients. */
  readonly reserve: number;
}

/** Everything needed to talk to LaunchDarkly. */
export interface ConnectOptions {
  /** An origin as `checkBaseUrl` returns it. */
  readonly baseUrl: string;
  readonly token: string;
  /** The endpoint for contexts of kind `user`. Every other kind uses the context endpoint. */
  readonly api: UserApi;
  /** For `api: auto`: what earlier runs found out about the user route. */
  readonly userRoute?: UserRouteMemory | undefined;
  readonly rate: Rate;
  /** Milliseconds for one attempt at one request, and for the whole run, which starts now. */
  readonly timeouts: { readonly attempt: number; readonly run: number };
  readonly clock: Clock;
  /** Stops reads and waits at once; a write that is in flight is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Called when requests have to wait for a rate limit, and with undefined when they continue. */
  readonly onWait?: ((wait: Wait | undefined) => void) | undefined;
  /** Called with all known limits whenever a response reports a new one. */
  readonly onLimits?: ((limits: SeenLimits) => void) | undefined;
  /** The version of flagops, for the user agent. */
  readonly version: string;
}

/** A JSON value, and the size of its text in characters. */
export interface SizedJson {
  readonly value: unknown;
  readonly size: number;
}

/** Sends requests to LaunchDarkly: paced by its rate limits, and retried if that can help. */
export interface Api {
  readonly baseUrl: string;
  /** Aborted when the run is over: interrupted, or out of time. */
  readonly signal: AbortSignal;
  readonly run: RunTime;
  /**
   * Returns the JSON of the response. Throws ApiError, NetworkError, and OperatorError `malformed-answer`,
   * `answer-too-large`, `redirect`, `interrupted`, `run-timeout`.
   */
  get(request: ApiRequest): Promise<unknown>;
  /** The same, with the size of the response. */
  getWithSize(request: ApiRequest): Promise<SizedJson>;
  /** As `get`, but without another attempt if the first one fails: for what a run can do without. */
  getOptional(request: ApiRequest): Promise<unknown>;
  /**
   * As `get`, but with one attempt of at most five seconds, without waiting for the gate, and even after the end of the
   * run.
   */
  getOnce(request: ApiRequest): Promise<unknown>;
  /** Throws as `get` does. What became of the requests is recorded in `delivery`. */
  put(request: ApiRequest, body: unknown, delivery: Delivery): Promise<void>;
  /**
   * Returns the JSON of the response, or undefined if it is not JSON or incomplete: the patch was made nevertheless.
   * Throws and records as `put` does.
   */
  patch(request: ApiRequest, body: unknown, delivery: Delivery): Promise<unknown>;
  /** As `patch`, but for a request that is not idempotent: it is repeated only after a 429, which had no effect. */
  post(request: ApiRequest, body: unknown, delivery: Delivery): Promise<unknown>;
}

/** The time limit of `getOnce`, in milliseconds. It delays the end of a run that was interrupted. */
const ONCE = 5000;

/**
 * Opens the API for one run, whose time starts now.
 * @throws OperatorError `no-token`, `malformed-token`, `proxy`
 */
export function openApi(options: ConnectOptions): Api {
  const { clock, timeouts } = options;
  const run = startRun({ clock, timeLimit: timeouts.run, signal: options.signal });
  const { signal } = run;
  const { host } = new URL(options.baseUrl);
  const transport = openTransport({
    baseUrl: options.baseUrl,
    token: options.token,
    connections: options.rate.concurrency,
    attemptTimeout: timeouts.attempt,
    userAgent: `flagops/${options.version}`,
  });
  const gate = openGate({
    ...options.rate,
    clock,
    signal,
    deadline: run.deadline,
    expire: run.expire,
    onWait: options.onWait,
  });
  const limits = new LimitRecorder();
  const mask = new SecretMask(options.token);
  let hasAnswered = false;

  /** Sends a request of a write. It is finished even if the run ends, within the timeout of one attempt. */
  const sendWrite = async (request: ApiRequest, body: string, delivery: Delivery): Promise<HttpResponse> => {
    try {
      const response = await transport(request, body);
      delivery.recordStatus(response.status);
      return response;
    } catch (error) {
      delivery.recordError(error);
      throw error;
    }
  };

  /** Sends a read, which ends with the run. */
  const sendRead = async (request: ApiRequest): Promise<HttpResponse> => {
    const timeLeft = run.timeLeft();
    try {
      return await transport(request, undefined, { signal, timeout: timeLeft });
    } catch (error) {
      const isRunOver =
        timeLeft < timeouts.attempt && error instanceof NetworkError && error.failure === 'timeout';
      if (isRunOver) run.expire(`no response to ${request.method} ${request.path}`);
      signal.throwIfAborted();
      throw error;
    }
  };

  /**
   * @param sendOnce makes one attempt
   * @param accept is called with each successful response; if it throws a NetworkError, the request is retried
   */
  const send = async (
    request: ApiRequest,
    sendOnce: () => Promise<HttpResponse>,
    accept?: (response: HttpResponse) => void,
    policy: RetryPolicy = RETRY_POLICY,
  ): Promise<HttpResponse> => {
    const isWrite = request.method !== 'GET';
    const attempt = async (): Promise<HttpResponse> => {
      const response = await gate.pass({ route: request.route, isWrite }, sendOnce);
      hasAnswered = true;
      const { readings } = readRateHeaders(response.headers, clock.now());
      if (limits.record(request.route, readings)) options.onLimits?.(limits.limits);
      if (response.status < 300) accept?.(response);
      return response;
    };
    const response = await withRetry(attempt, {
      clock: run.clock,
      signal,
      hasAnswered: () => hasAnswered,
      policy,
    });
    return successful(request, response);
  };

  const successful = (request: ApiRequest, response: HttpResponse): HttpResponse => {
    if (response.status >= 400) throw apiError(request, response.status, response.text, mask);
    return response;
  };

  const write = (
    request: ApiRequest,
    body: unknown,
    delivery: Delivery,
    policy?: RetryPolicy,
  ): Promise<HttpResponse> => {
    const text = JSON.stringify(body);
    return send(request, () => sendWrite(request, text, delivery), undefined, policy);
  };

  /** The JSON of a response to a write; undefined if it is not JSON or incomplete. */
  const jsonOrNothing = (response: HttpResponse, request: ApiRequest): unknown => {
    try {
      return parseJsonResponse(response, request, host);
    } catch {
      return undefined;
    }
  };

  const getWithSize = async (request: ApiRequest, policy?: RetryPolicy): Promise<SizedJson> => {
    let value: unknown;
    const accept = (response: HttpResponse): void => {
      value = parseJsonResponse(response, request, host);
    };
    const { text } = await send(request, () => sendRead(request), accept, policy);
    return { value, size: text.length };
  };

  return {
    baseUrl: options.baseUrl,
    signal,
    run,
    getWithSize: (request) => getWithSize(request),
    get: async (request) => (await getWithSize(request)).value,
    getOptional: async (request) => (await getWithSize(request, NO_RETRY)).value,
    getOnce: async (request) => {
      const response = await transport(request, undefined, { timeout: ONCE });
      return parseJsonResponse(successful(request, response), request, host);
    },
    put: async (request, body, delivery) => {
      await write(request, body, delivery);
    },
    patch: async (request, body, delivery) => jsonOrNothing(await write(request, body, delivery), request),
    post: async (request, body, delivery) =>
      jsonOrNothing(await write(request, body, delivery, RETRY_LIMITED_ONLY), request),
  };
}
