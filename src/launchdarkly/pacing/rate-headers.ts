/** LaunchDarkly's overlapping limits: of the account, of one route of the account, of one token. */
const BUDGET_NAMES = ['global', 'route', 'token'] as const;
type BudgetName = (typeof BUDGET_NAMES)[number];

/** What an answer says about one budget. */
export interface RateReading {
  readonly name: BudgetName;
  /** Requests left in the window, after this one. */
  readonly remaining: number;
  /** Requests in a whole window, where the server says so. */
  readonly limit: number | undefined;
  /** When the window resets (or, with a sliding window, its oldest request leaves): the server's epoch milliseconds. */
  readonly reset: number | undefined;
}

/** All that the headers of one answer say about pace. */
export interface RateHeaders {
  readonly readings: readonly RateReading[];
  /** Milliseconds to wait, by `Retry-After` (RFC 9110, 10.2.3). */
  readonly retryAfter: number | undefined;
  /** The server's clock, epoch milliseconds cut down to a whole second (RFC 9110, 6.6.1). */
  readonly date: number | undefined;
}

const HEADERS = {
  global: { title: 'global', reset: 'x-ratelimit-reset' },
  route: { title: 'route', reset: 'x-ratelimit-reset' },
  token: { title: 'auth-token', reset: 'x-ratelimit-auth-token-reset' },
} as const satisfies Record<BudgetName, { title: string; reset: string }>;

/**
 * Reads the rate headers that are there; what is malformed counts as absent. See "Rate limiting" in LaunchDarkly's API
 * document; the `-Limit` and `-Auth-Token-` headers are not in it, but are sent.
 * @param headers by lower-case name
 * @param now local epoch milliseconds, for a `Retry-After` that is a date where the server sends no `Date`
 */
export function readRateHeaders(headers: ReadonlyMap<string, string>, now: number): RateHeaders {
  const readings = BUDGET_NAMES.flatMap((name): RateReading[] => {
    const { title, reset } = HEADERS[name];
    const remaining = count(headers.get(`x-ratelimit-${title}-remaining`));
    if (remaining === undefined) return [];
    const limit = count(headers.get(`x-ratelimit-${title}-limit`));
    return [{ name, remaining, limit: limit === 0 ? undefined : limit, reset: count(headers.get(reset)) }];
  });
  const date = instant(headers.get('date'));
  return { readings, retryAfter: retryAfter(headers.get('retry-after'), date ?? now), date };
}

/** Longer than any run, and a number that can be calculated with. Milliseconds. */
const LONGEST = 366 * 24 * 3600 * 1000;

function retryAfter(text: string | undefined, serverNow: number): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text.trim())) return Math.min(LONGEST, Number(text) * 1000);
  const until = instant(text);
  return until === undefined ? undefined : Math.min(LONGEST, Math.max(0, until - serverNow));
}

/** An HTTP date; `Date.parse` alone would take `-1` for a year. */
function instant(text: string | undefined): number | undefined {
  if (text === undefined || !text.endsWith(' GMT')) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : at;
}

function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}(\.\d+)?$/.test(text.trim()) ? Math.floor(Number(text)) : undefined;
}
