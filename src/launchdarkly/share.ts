/** The share of the limit that everybody may work up to without asking what others have. */
const LEAST_SHARE = 0.05;

export function leastShare(limit: number): number {
  return Math.ceil(limit * LEAST_SHARE);
}

/** The share of the limit that stays unclaimed for each doubling of those who draw on it. */
const MARGIN = 0.025;

/** Who has this share of the limit takes all that is free, who has twice as much half of it; more a window ahead. */
const CLAIM_AT_RESET = 0.05;
const CLAIM_AHEAD = 0.2;

/** How likely somebody who has all but everything is to give up a place. */
const YIELD = 0.1;

/** One look at a budget. */
export interface Look {
  readonly limit: number;
  readonly remaining: number;
  /** Requests that are kept for clients that do not pace themselves. */
  readonly kept: number;
  /** At most so many of those that are taken are our own. */
  readonly own: number;
  /** How far ahead the reset is, as a share of the window. */
  readonly ahead: number;
  /** At least 0, below 1: rounds fractions fairly. */
  readonly random: number;
}

export interface Share {
  /** Requests of the leftover that are ours to take. */
  readonly claim: number;
  /** How likely a place that we leave in the window is to be left to others, 0 to 1. */
  readonly yields: number;
}

/**
 * What of a budget is ours, or undefined where nobody else draws on it and all of it is.
 *
 * Clients that share an account see the same leftover, and if each took it, most would be refused. So whoever has much
 * takes a small part of it and now and then gives up a place; whoever has little takes more and gives up nothing; in
 * the end all have the same (additive increase, multiplicative decrease). A small margin stays, because what each has
 * seen is a little old; whoever has next to nothing may use that too, so that nobody starves.
 */
export function shareOf({ limit, remaining, kept, own, ahead, random }: Look): Share | undefined {
  const taken = limit - remaining;
  const foreign = taken - own;
  if (foreign <= 0) return undefined;
  const part = own / taken;
  const margin = Math.min(foreign, Math.round(limit * MARGIN * Math.log2(1 / part)));
  const weight = Math.min(1, (limit * (CLAIM_AT_RESET + CLAIM_AHEAD * ahead)) / own);
  const free = remaining - kept;
  const wanted = Math.floor((free - margin) * weight + random);
  const first = Math.min(free, leastShare(limit) + 1 - own);
  // Close to the reset there is no time to see what the others take: one at a time.
  const most = Math.max(1, Math.ceil(limit * ahead));
  return { claim: Math.max(0, Math.min(most, Math.max(wanted, first))), yields: YIELD * part };
}
