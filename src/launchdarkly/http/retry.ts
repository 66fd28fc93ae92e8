import type { Clock } from '../clock.js';
import { NetworkError, type NetworkFailure } from './network-error.js';
import { readRateHeaders } from '../pacing/rate-headers.js';
import type { HttpResponse } from './transport.js';

/** When to try again, as data. */
export interface RetryPolicy {
  /** Attempts at one request in all, where the server fails or does not answer. */
  readonly attempts: number;
  /** The same, as long as the host has not answered anything yet: most likely it never will. */
  readonly attemptsBeforeFirstAnswer: number;
  /** Attempts at one request in all, where the server says 429; how long to wait is then the gate's business. */
  readonly attemptsWhenLimited: number;
  /** Milliseconds of the first wait at most; each further wait at most twice the one before. */
  readonly firstDelay: number;
  /** Milliseconds of any wait at most. */
  readonly maxDelay: number;
  /** Milliseconds that are waited at most where a failing server asks for a time (`Retry-After`). */
  readonly maxRetryAfter: number;
}

export const RETRY_POLICY: RetryPolicy = {
  attempts: 6,
  attemptsBeforeFirstAnswer: 3,
  attemptsWhenLimited: 30,
  firstDelay: 500,
  maxDelay: 20_000,
  maxRetryAfter: 120_000,
};

/** Server trouble that passes. Every other status says the same however often it is asked. */
const PASSING_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** Network trouble that does not pass within a run. */
const HOPELESS_TROUBLE: ReadonlySet<NetworkFailure> = new Set(['tls', 'proxy', 'headers']);

/** Network trouble with which a request has not been sent. */
const UNSENT_TROUBLE: ReadonlySet<NetworkFailure> = new Set(['dns', 'refused']);

/** Milliseconds before attempt `attempt` + 1: exponential, and random from half of that up ("equal jitter"). */
export function backoff(attempt: number, random: number, policy: RetryPolicy = RETRY_POLICY): number {
  const most = Math.min(policy.maxDelay, policy.firstDelay * 2 ** (attempt - 1));
  return most / 2 + (most / 2) * random;
}

export interface RetryContext {
  readonly clock: Clock;
  /** Ends the waiting; an attempt under way is not this one's business. */
  readonly signal: AbortSignal;
  /** Whether the host has answered anything in this run. */
  readonly answeredBefore: () => boolean;
  /**
   * Whether an attempt may have an effect even if it fails. Then the end of the run does not hide that there was one: the
   * last answer or error is handed on.
   */
  readonly isWrite?: boolean;
  readonly policy?: RetryPolicy;
}

/**
 * Makes attempts until one has an answer worth handing on: any but a 429 or passing server trouble. When the attempts
 * are used up, the last answer or error is handed on as it is. Errors of an unknown kind are never tried again.
 */
export async function withRetry(
  attempt: () => Promise<HttpResponse>,
  context: RetryContext,
): Promise<HttpResponse> {
  const policy = context.policy ?? RETRY_POLICY;
  let failed = 0;
  let limited = 0;
  /** What became of the last attempt that may have had an effect. */
  let last: (() => HttpResponse) | undefined;
  for (;;) {
    let asked = 0;
    try {
      const answer = await attempt();
      if (answer.status === 429) {
        limited += 1;
        if (limited >= policy.attemptsWhenLimited) return answer;
        continue;
      }
      if (!PASSING_STATUSES.has(answer.status)) return answer;
      last = () => answer;
      failed += 1;
      if (failed >= policy.attempts) return answer;
      const { retryAfter = 0 } = readRateHeaders(answer.headers, context.clock.now());
      asked = Math.min(retryAfter, policy.maxRetryAfter);
    } catch (error) {
      if (isOver(error, context) && last !== undefined) return last();
      if (!(error instanceof NetworkError) || HOPELESS_TROUBLE.has(error.failure)) throw error;
      if (!UNSENT_TROUBLE.has(error.failure)) {
        last = () => {
          throw error;
        };
      }
      failed += 1;
      const most = context.answeredBefore() ? policy.attempts : policy.attemptsBeforeFirstAnswer;
      if (failed >= most) throw error;
    }
    const pause = backoff(failed, context.clock.random(), policy);
    try {
      await context.clock.sleep(Math.max(pause, asked), context.signal);
    } catch (error) {
      if (isOver(error, context) && last !== undefined) return last();
      throw error;
    }
  }
}

function isOver(error: unknown, { signal, isWrite }: RetryContext): boolean {
  return isWrite === true && signal.aborted && error === signal.reason;
}
