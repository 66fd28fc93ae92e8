/** The share of the limit that everybody may work up to without asking what others have. */
const LEAST_SHARE = 0.05;

export function leastShare(limit: number): number {
  return Math.ceil(limit * LEAST_SHARE);
}

/** The share of the limit that stays unclaimed for each doubling of those who draw on it. */
const MARGIN = 0.025;

/** One look at a budget. */
export interface Look {
  readonly limit: number;
  readonly remaining: number;
  /** Requests that are kept for clients that do not pace themselves. */
  readonly kept: number;
  /** At most so many of those that are taken are our own. */
  readonly own: number;
  /** At least 0, below 1: rounds fractions fairly. */
  readonly random: number;
}

/**
 * What of a budget's leftover is ours to take, or undefined where nobody else draws on it and all of it is.
 *
 * Clients that share an account see the same leftover, and if each took it, most would be refused. So each takes as
 * much of it as it has of what is taken, and all together take no more than there is. A small margin stays, because
 * what each has seen is a little old; whoever has next to nothing may use that, so that nobody starves.
 */
export function shareOf({ limit, remaining, kept, own, random }: Look): number | undefined {
  const taken = limit - remaining;
  const foreign = taken - own;
  if (foreign <= 0) return undefined;
  const least = leastShare(limit);
  const margin = own <= least ? 0 : Math.min(foreign, Math.round(limit * MARGIN * Math.log2(taken / own)));
  const free = remaining - kept - margin;
  return Math.max(0, Math.floor(free * Math.min(1, Math.max(own, least) / taken) + random));
}
