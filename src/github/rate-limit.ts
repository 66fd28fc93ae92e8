import type { Clock } from '../launchdarkly/clock.js';

/** The parts of an error response that say whether and when to retry. */
export interface Refusal {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  /** GitHub's error message. */
  readonly message: string;
}

/** Milliseconds. GitHub's documentation asks for at least this if the response does not say when the limit ends. */
const MIN_WAIT = 60_000;

/**
 * How long to wait before retrying a request that a rate limit refused. GitHub has a budget for each hour, whose end is in
 * `x-ratelimit-reset` (epoch seconds), and secondary limits against bursts, which may send `retry-after` (seconds).
 * Source: GitHub, "Best practices for using the REST API", "Handle rate limit errors appropriately".
 * @param attempt 1 for the first
 * @returns milliseconds; undefined if the response is not about a rate limit, so that waiting would not help
 */
export function rateLimitWait(
  { status, headers, message }: Refusal,
  attempt: number,
  clock: Pick<Clock, 'now' | 'random'>,
): number | undefined {
  if (status !== 403 && status !== 429) return undefined;
  const jitter = 500 * clock.random();
  const after = seconds(headers.get('retry-after'));
  if (after !== undefined) return after * 1000 + jitter;
  if (headers.get('x-ratelimit-remaining')?.trim() === '0') {
    const reset = seconds(headers.get('x-ratelimit-reset'));
    // Both times are rounded down to seconds, so the limit may last one second longer.
    if (reset !== undefined) return Math.max(0, reset * 1000 - serverTime(headers, clock)) + 1000 + jitter;
  }
  // A missing permission is 403 too.
  const isLimit = status === 429 || /rate limit|abuse detection/i.test(message);
  return isLimit ? MIN_WAIT * 2 ** (attempt - 1) + jitter : undefined;
}

/** How long to wait before retrying after a temporary failure, in milliseconds; doubles with each attempt. */
export function failureWait(attempt: number, clock: Pick<Clock, 'random'>): number {
  return 1000 * 2 ** (attempt - 1) * (0.5 + clock.random());
}

/** GitHub's clock, which the reset time refers to. */
function serverTime(headers: Refusal['headers'], clock: Pick<Clock, 'now'>): number {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? clock.now() : date;
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d{1,12}$/.test(header.trim()) ? Number(header) : undefined;
}
