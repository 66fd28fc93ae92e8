import type { Clock } from '../launchdarkly/clock.js';

/** Milliseconds. A job that waits longer costs more than what it would tell. */
const LONGEST_WAIT = 60_000;

/**
 * How long to wait before a request is sent again; undefined where that would not help.
 * GitHub says when its rate limits end: `retry-after` in seconds, or `x-ratelimit-reset` in epoch seconds.
 */
export function waitFor(
  response: Pick<Response, 'status' | 'headers'>,
  method: string,
  attempt: number,
  clock: Pick<Clock, 'now' | 'random'>,
): number | undefined {
  const { status, headers } = response;
  if (status === 403 || status === 429) {
    const wait = limitEnds(headers, clock.now()) ?? (status === 429 ? 1000 * 2 ** attempt : undefined);
    if (wait === undefined || wait > LONGEST_WAIT) return undefined;
    return wait + 500 * clock.random();
  }
  if (status < 500 || method === 'POST') return undefined;
  return 1000 * 2 ** (attempt - 1) * (0.5 + clock.random());
}

function limitEnds(headers: Headers, now: number): number | undefined {
  const after = seconds(headers.get('retry-after'));
  if (after !== undefined) return after * 1000;
  if (headers.get('x-ratelimit-remaining') !== '0') return undefined;
  const reset = seconds(headers.get('x-ratelimit-reset'));
  return reset === undefined ? undefined : Math.max(1000, reset * 1000 - now);
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d+$/.test(header.trim()) ? Number(header) : undefined;
}
