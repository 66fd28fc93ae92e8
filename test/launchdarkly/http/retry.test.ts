import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { NetworkError } from '../../../src/launchdarkly/http/network-error.js';
import { backoff, RETRY_POLICY, withRetry } from '../../../src/launchdarkly/http/retry.js';
import type { HttpResponse } from '../../../src/launchdarkly/http/transport.js';
import { VirtualClock } from '../virtual-clock.js';

const respond = (status: number): HttpResponse => ({ status, headers: new Map(), text: '', isUtf8: true });

async function attempts(
  outcomes: readonly (number | Error | HttpResponse)[],
  hasAnswered = true,
): Promise<{ made: number; waited: number; end: unknown }> {
  const clock = new VirtualClock();
  const start = clock.now();
  let made = 0;
  const attempt = (): Promise<HttpResponse> => {
    const outcome = outcomes[Math.min(made, outcomes.length - 1)] ?? 204;
    made += 1;
    if (outcome instanceof Error) return Promise.reject(outcome);
    return Promise.resolve(typeof outcome === 'number' ? respond(outcome) : outcome);
  };
  const context = { clock, signal: new AbortController().signal, hasAnswered: () => hasAnswered };
  const end = await clock.run(
    withRetry(attempt, context).then(
      ({ status }) => status,
      (error: unknown) => error,
    ),
  );
  return { made, waited: clock.now() - start, end };
}

describe('retries', () => {
  test('retries end with the first response that is not a transient error', async () => {
    expect(await attempts([503, new NetworkError('broken', 'h', undefined), 502, 204])).toMatchObject({
      made: 4,
      end: 204,
    });
  });

  test('a retry waits as long as a failing server asks', async () => {
    const busy = { ...respond(503), headers: new Map([['retry-after', '30']]) };
    expect((await attempts([busy, 204])).waited).toBe(30_000);
  });

  test('the last response is returned when the attempts are used up', async () => {
    expect(await attempts([503])).toMatchObject({ made: RETRY_POLICY.attempts, end: 503 });
  });

  test('a 429 counts as an attempt without a wait, because the gate waits', async () => {
    expect(await attempts([429])).toEqual({ made: RETRY_POLICY.attemptsWhenLimited, waited: 0, end: 429 });
  });

  test.each([400, 401, 403, 404, 405, 409, 422, 501, 505])('a %i is not retried', async (status) => {
    expect(await attempts([status])).toEqual({ made: 1, waited: 0, end: status });
  });

  test('an unknown error is not retried', async () => {
    const error = new TypeError('a bug');
    expect(await attempts([error])).toEqual({ made: 1, waited: 0, end: error });
  });

  test('a permanent network failure is not retried', async () => {
    expect(await attempts([new NetworkError('tls', 'h', undefined)])).toMatchObject({ made: 1 });
  });

  test('a host that has never responded gets fewer attempts', async () => {
    const error = new NetworkError('refused', 'h', undefined);
    expect(await attempts([error], false)).toMatchObject({
      made: RETRY_POLICY.attemptsBeforeFirstResponse,
      end: error,
    });
  });

  test('each wait is longer, up to the maximum, and differs between clients', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (n, random) => {
          const wait = backoff(n, random);
          const bound = Math.min(RETRY_POLICY.maxDelay, RETRY_POLICY.firstDelay * 2 ** (n - 1));
          expect(wait).toBeGreaterThanOrEqual(bound / 2);
          expect(wait).toBeLessThanOrEqual(bound);
        },
      ),
    );
    expect(backoff(3, 0.1)).not.toBe(backoff(3, 0.2));
  });
});
