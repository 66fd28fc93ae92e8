import type { Clock } from '../clock.js';
import { NetworkError, type NetworkFailure } from './network-error.js';
import { readRateHeaders } from '../pacing/rate-headers.js';
import type { HttpResponse } from './transport.js';

/** When to retry. */
export interface RetryPolicy {
  /** The most attempts at one request if the server fails or does not respond. */
  readonly attempts: number;
  /** The same while the host has not responded to anything in this run: most likely it never will. */
  readonly attemptsBeforeFirstResponse: number;
  /** The most attempts at one request if the server responds with 429. The gate does the waiting between them. */
  readonly attemptsWhenLimited: number;
  /** Upper bound of the first wait, in milliseconds. The bound doubles with each further wait. */
  readonly firstDelay: number;
  /** Upper bound of every wait, in milliseconds. */
  readonly maxDelay: number;
  /** The longest `Retry-After` of a failing server that is respected, in milliseconds. */
  readonly maxRetryAfter: number;
}

export const RETRY_POLICY: RetryPolicy = {
  attempts: 6,
  attemptsBeforeFirstResponse: 3,
  attemptsWhenLimited: 30,
  firstDelay: 500,
  maxDelay: 20_000,
  maxRetryAfter: 120_000,
};

/** For requests that are not idempotent: another attempt is made only after a 429, which had no effect. */
export const RETRY_LIMITED_ONLY: RetryPolicy = {
  ...RETRY_POLICY,
  attempts: 1,
  attemptsBeforeFirstResponse: 1,
};

/** For reads that a run can do without. */
export const NO_RETRY: RetryPolicy = { ...RETRY_LIMITED_ONLY, attemptsWhenLimited: 1 };

/** Server errors that may be temporary. For any other status a retry would give the same response. */
const TRANSIENT_STATUSES: ReadonlySet<number> = new Set([500, 502, 503, 504, 520, 521, 522, 523, 524]);

/** Network failures that do not pass within a run. */
const PERMANENT_FAILURES: ReadonlySet<NetworkFailure> = new Set(['tls', 'proxy', 'headers']);

/** Milliseconds to wait after attempt number `attempt`: exponential, with a random upper half ("equal jitter"). */
export function backoff(attempt: number, random: number, policy: RetryPolicy = RETRY_POLICY): number {
  const delay = Math.min(policy.maxDelay, policy.firstDelay * 2 ** (attempt - 1));
  return delay / 2 + (delay / 2) * random;
}

export interface RetryContext {
  readonly clock: Clock;
  /** Ends the waiting between attempts. Attempts watch the signal themselves. */
  readonly signal: AbortSignal;
  /** Whether the host has responded to anything in this run. */
  readonly hasAnswered: () => boolean;
  readonly policy?: RetryPolicy;
}

/**
 * Makes attempts until one gets a response other than a 429 or a transient server error, and returns it. When the
 * attempts are used up, the last response is returned or the last error thrown. Only NetworkErrors are retried. If the run
 * ends while waiting, that is thrown. What the attempts of a write may have done is recorded in its `Delivery`.
 */
export async function withRetry(
  attempt: () => Promise<HttpResponse>,
  context: RetryContext,
): Promise<HttpResponse> {
  const policy = context.policy ?? RETRY_POLICY;
  let failures = 0;
  let refusals = 0;
  for (;;) {
    let requestedDelay = 0;
    try {
      const response = await attempt();
      if (response.status === 429) {
        refusals += 1;
        if (refusals >= policy.attemptsWhenLimited) return response;
        continue;
      }
      if (!TRANSIENT_STATUSES.has(response.status)) return response;
      failures += 1;
      if (failures >= policy.attempts) return response;
      const { retryAfter = 0 } = readRateHeaders(response.headers, context.clock.now());
      requestedDelay = Math.min(retryAfter, policy.maxRetryAfter);
    } catch (error) {
      if (!(error instanceof NetworkError) || PERMANENT_FAILURES.has(error.failure)) throw error;
      failures += 1;
      const maxAttempts = context.hasAnswered() ? policy.attempts : policy.attemptsBeforeFirstResponse;
      if (failures >= maxAttempts) throw error;
    }
    const delay = backoff(failures, context.clock.random(), policy);
    await context.clock.sleep(Math.max(delay, requestedDelay), context.signal);
  }
}
