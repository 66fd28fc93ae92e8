import type { Clock } from '../launchdarkly/clock.js';

/** What of a refusal says whether, and when, to ask again. */
export interface Refusal {
  readonly status: number;
  readonly headers: Pick<Headers, 'get'>;
  /** What GitHub says about it. */
  readonly message: string;
}

/** Milliseconds. What GitHub asks for where it does not say when a limit ends, and no less. */
const MIN_WAIT = 60_000;

/**
 * How long to wait before a request that GitHub limits is sent again; undefined where no limit is what refused it, so
 * that waiting would not help. GitHub has two kinds: a budget an hour, whose end is in `x-ratelimit-reset` (epoch
 * seconds), and limits against bursts, which say `retry-after` (seconds) or nothing at all. Source: "Best practices for
 * using the REST API", "Handle rate limit errors appropriately".
 * @param attempt 1 for the first
 * @returns milliseconds
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
    // Both are cut to seconds, so the limit may last for one more.
    if (reset !== undefined) return Math.max(0, reset * 1000 - serverTime(headers, clock)) + 1000 + jitter;
  }
  // A token that may not do something is refused with 403 too.
  const isLimit = status === 429 || /rate limit|abuse detection/i.test(message);
  return isLimit ? MIN_WAIT * 2 ** (attempt - 1) + jitter : undefined;
}

/** How long to wait after a failure that passes by itself. */
export function backoff(attempt: number, clock: Pick<Clock, 'random'>): number {
  return 1000 * 2 ** (attempt - 1) * (0.5 + clock.random());
}

/** The reset is told in GitHub's time, and so is `date`. */
function serverTime(headers: Refusal['headers'], clock: Pick<Clock, 'now'>): number {
  const date = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(date) ? clock.now() : date;
}

function seconds(header: string | null): number | undefined {
  return header !== null && /^\d{1,12}$/.test(header.trim()) ? Number(header) : undefined;
}
