/** A model of how a server counts requests. All times are the server's epoch milliseconds. */
export interface RateModel {
  /** Counts one request. Returns whether it is allowed, and what the headers of the response report. */
  take(now: number): { readonly allowed: boolean; readonly remaining: number; readonly reset: number };
  readonly limit: number;
}

/** Each request counts until one window after it arrived. */
export function slidingWindow(limit: number, window = 10_000): RateModel {
  const taken: number[] = [];
  return {
    limit,
    take: (now) => {
      while ((taken[0] ?? Number.POSITIVE_INFINITY) + window <= now) taken.shift();
      const allowed = taken.length < limit;
      if (allowed) taken.push(now);
      return { allowed, remaining: limit - taken.length, reset: (taken[0] ?? now) + window };
    },
  };
}

/** The count starts again at each multiple of the window. */
export function fixedWindow(limit: number, window = 10_000, phase = 0): RateModel {
  let current = Number.NEGATIVE_INFINITY;
  let taken = 0;
  return {
    limit,
    take: (now) => {
      const start = Math.floor((now - phase) / window) * window + phase;
      if (start !== current) {
        current = start;
        taken = 0;
      }
      const allowed = taken < limit;
      if (allowed) taken += 1;
      return { allowed, remaining: limit - taken, reset: start + window };
    },
  };
}

/** A window starts with the first request after the previous window has ended. */
export function windowFromFirst(limit: number, window = 10_000): RateModel {
  let start = Number.NEGATIVE_INFINITY;
  let taken = 0;
  return {
    limit,
    take: (now) => {
      if (now >= start + window) {
        start = now;
        taken = 0;
      }
      const allowed = taken < limit;
      if (allowed) taken += 1;
      return { allowed, remaining: limit - taken, reset: start + window };
    },
  };
}
