/** LaunchDarkly's overlapping limits: for the account, for one route of the account, for one token. */
const BUDGET_NAMES = ['global', 'route', 'token'] as const;
type BudgetName = (typeof BUDGET_NAMES)[number];

/** What a response reports about one budget. */
export interface RateReading {
  readonly name: BudgetName;
  /** Requests left in the window, after this one. */
  readonly remaining: number;
  /** Requests in a whole window, if the server reports it. */
  readonly limit: number | undefined;
  /** When the window resets, or the oldest request leaves a sliding window, in the server's epoch milliseconds. */
  readonly reset: number | undefined;
}

/** Everything that the headers of one response say about rate limits. */
export interface RateHeaders {
  readonly readings: readonly RateReading[];
  /** Milliseconds to wait, by `Retry-After` (RFC 9110, 10.2.3). */
  readonly retryAfter: number | undefined;
  /** The server's clock, epoch milliseconds rounded down to a whole second (RFC 9110, 6.6.1). */
  readonly date: number | undefined;
}

const HEADERS = {
  global: { title: 'global', reset: 'x-ratelimit-reset' },
  route: { title: 'route', reset: 'x-ratelimit-reset' },
  token: { title: 'auth-token', reset: 'x-ratelimit-auth-token-reset' },
} as const satisfies Record<BudgetName, { title: string; reset: string }>;

/**
 * Reads the rate headers of a response. A malformed header counts as absent. Source: "Rate limiting" in LaunchDarkly's
 * API document; the `-Limit` and `-Auth-Token-` headers are sent although it does not mention them.
 * @param headers by lower-case name
 * @param now local epoch milliseconds, used if `Retry-After` is a date and the server sends no `Date`
 */
export function readRateHeaders(headers: ReadonlyMap<string, string>, now: number): RateHeaders {
  const readings = BUDGET_NAMES.flatMap((name): RateReading[] => {
    const { title, reset } = HEADERS[name];
    const remaining = count(headers.get(`x-ratelimit-${title}-remaining`));
    if (remaining === undefined) return [];
    const limit = count(headers.get(`x-ratelimit-${title}-limit`));
    return [{ name, remaining, limit: limit === 0 ? undefined : limit, reset: count(headers.get(reset)) }];
  });
  const date = httpDate(headers.get('date'));
  return { readings, retryAfter: retryAfter(headers.get('retry-after'), date ?? now), date };
}

/** The longest wait that is accepted, in milliseconds: longer than any run, and still a safe number. */
const LONGEST_WAIT = 366 * 24 * 3600 * 1000;

function retryAfter(text: string | undefined, serverNow: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Math.min(LONGEST_WAIT, Number(text) * 1000);
  const until = httpDate(text);
  return until === undefined ? undefined : Math.min(LONGEST_WAIT, Math.max(0, until - serverNow));
}

/** Parses an HTTP date. `Date.parse` alone would accept `-1` as a year. */
function httpDate(text: string | undefined): number | undefined {
  if (text === undefined || !text.endsWith(' GMT')) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}(\.\d+)?$/.test(text.trim()) ? Math.floor(Number(text)) : undefined;
}
