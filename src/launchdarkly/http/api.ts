import type { SeenLimits } from '../../reconcile/pace.js';
import { SecretMask } from '../../security/secret-mask.js';
import { apiError } from './api-error.js';
import type { Clock } from '../clock.js';
import { openGate } from '../pacing/gate.js';
import { LimitRecorder } from '../pacing/limit-recorder.js';
import { NetworkError } from './network-error.js';
import { parseJsonResponse } from './parse-json-response.js';
import type { ApiRequest } from '../paths.js';
import { readRateHeaders } from '../pacing/rate-headers.js';
import { withRetry } from './retry.js';
import { type RunTime, startRun } from './run-time.js';
import { openTransport, type HttpResponse } from './transport.js';
import type { UserApi, UserRouteMemory } from '../user-route.js';

/** How fast we may be: `rate` of the configuration. */
interface Rate {
  /** Requests under way at a time. */
  readonly concurrency: number;
  /** A hard ceiling for writes, or null for none. */
  readonly writesPerSecond: number | null;
  /** The share of every budget, 0 to 1, that is left for the account's other clients. */
  readonly reserve: number;
}

/** Everything it takes to talk to LaunchDarkly. */
export interface ConnectOptions {
  /** An origin as `checkBaseUrl` returns it. */
  readonly baseUrl: string;
  readonly token: string;
  /** The endpoint for kind `user`; every other kind always uses contexts. */
  readonly api: UserApi;
  /** For `api: auto`: what earlier runs found out about the user route. */
  readonly userRoute?: UserRouteMemory | undefined;
  readonly rate: Rate;
  /** Milliseconds for one attempt at one request, and for everything from now on. */
  readonly timeouts: { readonly attempt: number; readonly run: number };
  readonly clock: Clock;
  /** Stops reading and waiting at once; a write that is under way is finished. */
  readonly signal?: AbortSignal | undefined;
  /** Called with the reason when requests have to wait for a rate limit, and with undefined when they go on. */
  readonly onWait?: ((reason: string | undefined) => void) | undefined;
  /** Told what LaunchDarkly was seen to allow, whenever an answer says something new about it. */
  readonly onLimits?: ((limits: SeenLimits) => void) | undefined;
  /** Our own version, for the user agent. */
  readonly version: string;
}

/** A JSON value and the size of the text that it was, in characters. */
export interface SizedJson {
  readonly value: unknown;
  readonly size: number;
}

/** Asks LaunchDarkly, at the pace it allows and as often as it takes. */
export interface Api {
  readonly baseUrl: string;
  /** Rejects once the run is over: interrupted, or out of time. */
  readonly signal: AbortSignal;
  readonly run: RunTime;
  /**
   * The answer's JSON. Throws ApiError, NetworkError, OperatorError `malformed-answer`, `answer-too-large`, `redirect`,
   * `interrupted`, `run-timeout`.
   */
  get(request: ApiRequest): Promise<unknown>;
  /** The same with its size. */
  getWithSize(request: ApiRequest): Promise<SizedJson>;
  /** Throws as `get` does. */
  put(request: ApiRequest, body: unknown): Promise<void>;
  /**
   * The answer's JSON, or undefined if it is not JSON or did not arrive whole: the patch was made nevertheless. Throws as
   * `get` does.
   */
  patch(request: ApiRequest, body: unknown): Promise<unknown>;
}

export function openApi(options: ConnectOptions): Api {
  const { clock, timeouts } = options;
  const run = startRun({ clock, most: timeouts.run, signal: options.signal });
  const { signal } = run;
  const { host } = new URL(options.baseUrl);
  const send = openTransport({
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
  const seen = new LimitRecorder();
  const mask = new SecretMask(options.token);
  let answered = false;

  /** A read ends with the run. A write that is under way is finished, in the time that one attempt has. */
  const sendInTime = async (request: ApiRequest, body: string | undefined): Promise<HttpResponse> => {
    if (request.method !== 'GET') return send(request, body);
    const within = run.timeLeft();
    try {
      return await send(request, body, { signal, timeout: within });
    } catch (error) {
      const isOver =
        within < timeouts.attempt && error instanceof NetworkError && error.failure === 'timeout';
      if (isOver) run.expire(`no answer to ${request.method} ${request.path}`);
      signal.throwIfAborted();
      throw error;
    }
  };

  /** @param take is given each successful answer; a NetworkError that it throws makes another attempt */
  const ask = async (
    request: ApiRequest,
    body: string | undefined,
    take?: (answer: HttpResponse) => void,
  ): Promise<HttpResponse> => {
    const write = request.method !== 'GET';
    const attempt = async (): Promise<HttpResponse> => {
      const answer = await gate.pass({ route: request.route, isWrite: write }, () =>
        sendInTime(request, body),
      );
      answered = true;
      const { readings } = readRateHeaders(answer.headers, clock.now());
      if (seen.record(request.route, readings)) options.onLimits?.(seen.limits);
      if (answer.status < 300) take?.(answer);
      return answer;
    };
    const answer = await withRetry(attempt, {
      clock: run.clock,
      signal,
      isWrite: write,
      answeredBefore: () => answered,
    });
    if (answer.status >= 400) throw apiError(request, answer.status, answer.text, mask);
    return answer;
  };

  const getSized = async (request: ApiRequest): Promise<SizedJson> => {
    let value: unknown;
    const { text } = await ask(request, undefined, (answer) => {
      value = parseJsonResponse(answer, request, host);
    });
    return { value, size: text.length };
  };

  return {
    baseUrl: options.baseUrl,
    signal,
    run,
    getWithSize: getSized,
    get: async (request) => (await getSized(request)).value,
    put: async (request, body) => {
      await ask(request, JSON.stringify(body));
    },
    patch: async (request, body) => {
      const answer = await ask(request, JSON.stringify(body));
      try {
        return parseJsonResponse(answer, request, host);
      } catch {
        return undefined;
      }
    },
  };
}
