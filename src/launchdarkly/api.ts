import { setMaxListeners } from 'node:events';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { SeenLimits } from '../reconcile/pace.js';
import { SecretMask } from '../security/secret-mask.js';
import { apiError } from './api-error.js';
import type { Clock } from './clock.js';
import { openGate } from './gate.js';
import { LimitsSeen } from './limits-seen.js';
import type { ApiRequest } from './paths.js';
import { readRateHeaders } from './rate-headers.js';
import { withRetry } from './retry.js';
import { openTransport, type Answer } from './transport.js';

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
  readonly api: 'users' | 'contexts';
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

/** Asks LaunchDarkly, at the pace it allows and as often as it takes. */
export interface Api {
  readonly baseUrl: string;
  /** Rejects once the run is over: interrupted, or out of time. */
  readonly signal: AbortSignal;
  /** The answer's JSON. Throws ApiError, NetworkError, OperatorError `malformed-answer`, `redirect`. */
  get(request: ApiRequest): Promise<unknown>;
  /** Throws as `get` does. */
  put(request: ApiRequest, body: unknown): Promise<void>;
  /** The answer's JSON, or undefined where it is none: the patch went through nevertheless. Throws as `get` does. */
  patch(request: ApiRequest, body: unknown): Promise<unknown>;
}

export function openApi(options: ConnectOptions): Api {
  const { clock } = options;
  const end = runEnd(options);
  const { signal } = end;
  const send = openTransport({
    baseUrl: options.baseUrl,
    token: options.token,
    connections: options.rate.concurrency,
    attempt: options.timeouts.attempt,
    userAgent: `flagops/${options.version}`,
  });
  const gate = openGate({ ...options.rate, ...end, clock, onWait: options.onWait });
  const seen = new LimitsSeen();
  const mask = new SecretMask(options.token);
  let answered = false;

  const ask = async (request: ApiRequest, body: string | undefined): Promise<Answer> => {
    const write = request.method !== 'GET';
    const attempt = async (): Promise<Answer> => {
      const answer = await gate.pass({ route: request.route, write }, () =>
        send(request, body, write ? undefined : signal),
      );
      answered = true;
      const { readings } = readRateHeaders(answer.headers, clock.now());
      if (seen.note(request.route, readings)) options.onLimits?.(seen.limits);
      return answer;
    };
    const answer = await withRetry(attempt, { clock, signal, answeredBefore: () => answered });
    if (answer.status >= 400) throw apiError(request, answer.status, answer.text, mask);
    return answer;
  };

  return {
    baseUrl: options.baseUrl,
    signal,
    get: async (request) => {
      const answer = await ask(request, undefined);
      try {
        return JSON.parse(answer.text);
      } catch {
        // Without the cause, which would show what was sent: nobody knows what that is.
        throw new OperatorError(
          'malformed-answer',
          `the answer to ${request.method} ${request.path} is not JSON (status ${answer.status}, ${answer.text.length} characters)`,
          {
            hint: 'check the base URL, and whether a proxy or a login page answers in its place',
          },
        );
      }
    },
    put: async (request, body) => {
      await ask(request, JSON.stringify(body));
    },
    patch: async (request, body) => {
      const { text } = await ask(request, JSON.stringify(body));
      try {
        return JSON.parse(text);
      } catch {
        return undefined;
      }
    },
  };
}

/**
 * The end of the run as a signal, aborted with an OperatorError. There is no timer behind the deadline, which would
 * keep the process alive: whoever waits looks at it.
 */
function runEnd(options: ConnectOptions): { signal: AbortSignal; deadline: number; expire: () => void } {
  const end = new AbortController();
  // Every request that waits listens; that is no leak.
  setMaxListeners(0, end.signal);
  const { signal, clock, timeouts } = options;
  const interrupt = (): void => end.abort(new OperatorError('interrupted', 'interrupted'));
  if (signal?.aborted === true) interrupt();
  signal?.addEventListener('abort', interrupt, { once: true });
  const expire = (): void =>
    end.abort(
      new OperatorError('run-timeout', `the time for one run is up (${Math.round(timeouts.run / 1000)} s)`, {
        hint: 'run again to go on, or raise timeouts.run',
      }),
    );
  return { signal: end.signal, deadline: clock.now() + timeouts.run, expire };
}
