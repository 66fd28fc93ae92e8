import { SendLog } from './send-log.js';
import { SharedBudgetPolicy } from './shared-budget-policy.js';
import { WindowKind } from './window-kind.js';

/** What an answer said about a budget, in local time. */
export interface BudgetReading {
  readonly remaining: number;
  readonly limit: number | undefined;
  /** When the window resets, or undefined where that is not known. */
  readonly reset: ResetTime | undefined;
}

/** When a window resets in local time, within [received, received + window]. */
export interface ResetTime {
  readonly latest: number;
  readonly earliest: number;
  /** Whether the server's clock is known, and the reset certainly lies ahead. */
  readonly isCertain: boolean;
  /** As the server said it, in whatever clock. */
  readonly serverTime: number;
  /** Whether it may be the reset of another budget: two of them share one header. */
  readonly isAmbiguous: boolean;
}

/** What is left of a budget in its current window, as far as answers of that window say. */
export type Outlook = 'plenty' | 'scarce' | 'unknown';

/** At least this share of what we may use is left: then this budget is not the reason for a 429. */
const PLENTY = 0.25;

/** One request as a budget remembers it between sending and answer. */
export interface SendReceipt {
  readonly at: number;
  /** How many answers had come in when it was sent. */
  readonly responsesBefore: number;
  /** Which one it was, counted from 1. */
  readonly sequence: number;
  /** How many of ours, itself included, may have counted when it was sent. */
  readonly ownAtSend: number;
}

/** A budget cannot move before some answer has come in. */
export const AFTER_A_RESPONSE = Number.POSITIVE_INFINITY;

/**
 * What a late timer may make up for, in milliseconds: without it every timer that fires late would cost its share of
 * the budget. It never exceeds the budget, which is counted and not timed.
 */
const CATCH_UP = 250;

/** Above this many requests a window, learning the limit from our own share is not worth the counting. */
const COUNTABLE = 5000;

/**
 * One rate limit: how many requests may go in a window, some of which belong to the reserve.
 *
 * Three things hold at any time, and each is safe for servers that count in fixed windows and for those that count in
 * sliding ones:
 * - never more of our own requests within one window than the limit allows, each counted from when it was sent until
 *   one window after its answer, since the server may have counted it at any moment between the two;
 * - never more than the last answer left over, where every request that it may not have counted yet counts as made;
 *   at the reset one more, since one slot is all that a sliding window gives back;
 * - what is left is spread over the rest of the window, and no faster than limit per window.
 *
 * Next to others, who draw on the same budget, what is left is not all ours: then `Share` says when. It may take again
 * what our own requests leave in a sliding window, which the second rule knows nothing of.
 */
export class Budget {
  readonly #window: number;
  readonly #reserve: number;
  readonly #log = new SendLog();
  #limit: number | undefined;
  #learned = 0;
  #inFlight = 0;
  #answers = 0;
  #orders = 0;
  /** Requests that may still be sent before the reset, the reserve included; undefined before the first answer. */
  #left: number | undefined;
  #reset = 0;
  #observedSent = Number.NEGATIVE_INFINITY;
  #observedAt = Number.NEGATIVE_INFINITY;
  /** Until when others draw on the budget too, as far as is known, and what of it is then ours. */
  #sharedUntil = Number.NEGATIVE_INFINITY;
  #isShared = false;
  readonly #share: SharedBudgetPolicy;
  readonly #kind: WindowKind;
  #lowestSinceIdle = Number.POSITIVE_INFINITY;
  #slot = Number.NEGATIVE_INFINITY;
  #probed = Number.NEGATIVE_INFINITY;

  /**
   * @param window milliseconds
   * @param reserve the share of the limit, 0 to 1, that is left for others
   * @param random at least 0, below 1
   */
  constructor(window: number, reserve: number, random: () => number) {
    this.#window = window;
    this.#reserve = reserve;
    this.#share = new SharedBudgetPolicy(window, random);
    this.#kind = new WindowKind(window);
  }

  /** When the window resets, as far as the last answer told. */
  get reset(): number {
    return this.#reset;
  }

  /** Whether an answer has ever told about this budget. */
  get isKnown(): boolean {
    return this.#left !== undefined;
  }

  /** Whether the last answer left enough for this budget not to be the reason for a 429 now. */
  outlook(now: number): Outlook {
    if (this.#left === undefined || now - this.#observedAt >= this.#window) return 'unknown';
    return this.#spare() >= this.#cap() * PLENTY ? 'plenty' : 'scarce';
  }

  /** The earliest local time at which one more request may go, or `AFTER_AN_ANSWER`. */
  readyAt(now: number): number {
    if (this.#left === undefined) return now;
    this.#log.forget(now - this.#window);
    const own = this.#ownShareAt(now);
    if (this.#isShared) return Math.max(own, this.#claimedAt(now));
    return Math.max(own, this.#leftoverAt(now), this.#slot + this.#interval(now));
  }

  recordSent(now: number): SendReceipt {
    this.#log.forget(now - this.#window);
    if (this.#left !== undefined) {
      if (this.#free(now) <= 0) this.#probed = now;
      this.#slot = Math.max(this.#slot + this.#interval(now), now - CATCH_UP);
      const again = this.#isShared && this.#share.recordSent();
      if (!again || this.#kind.kind !== 'sliding') this.#left -= 1;
    } else {
      this.#slot = now;
    }
    this.#inFlight += 1;
    this.#orders += 1;
    const own = this.#inFlight + this.#log.size;
    return { at: now, responsesBefore: this.#answers, sequence: this.#orders, ownAtSend: own };
  }

  /**
   * Takes in an answer, or with `observation` undefined one that says nothing (or never came).
   * @param refused whether it was a 429, which takes no place in the window
   */
  recordResponse(
    request: SendReceipt,
    now: number,
    observation: BudgetReading | undefined,
    refused: boolean,
  ): void {
    this.#inFlight -= 1;
    const answeredMeanwhile = this.#answers - request.responsesBefore;
    this.#answers += 1;
    if (observation !== undefined) this.#observe(request, now, observation, answeredMeanwhile);
    else if (this.#isShared) this.#share.observeWithoutHeaders(now, refused ? 0 : 1);
    this.#share.recordResponse(request.at, now, refused);
    if (!refused) this.#log.add(request.at, now);
    if (this.#inFlight === 0) {
      // Nothing is under way, so the lowest of what the last answers said is at most what the last counted one left.
      if (this.#left !== undefined && this.#lowestSinceIdle < Number.POSITIVE_INFINITY) {
        this.#left = Math.max(this.#left, this.#lowestSinceIdle);
      }
      this.#lowestSinceIdle = Number.POSITIVE_INFINITY;
    }
  }

  #observe(request: SendReceipt, now: number, seen: BudgetReading, answeredMeanwhile: number): void {
    const sure = seen.remaining - this.#inFlight - answeredMeanwhile;
    this.#lowestSinceIdle = Math.min(this.#lowestSinceIdle, seen.remaining);
    this.#learn(request, seen);
    if (request.at >= this.#observedSent) {
      // By our own count a place gets free when our oldest request leaves.
      this.#reset = seen.reset?.latest ?? (this.#log.answeredAt(0) ?? now) + this.#window;
      this.#observedSent = request.at;
      this.#observedAt = now;
      this.#left = sure;
      this.#look(request, now, seen);
    } else if (Math.abs((seen.reset?.latest ?? 0) - this.#reset) < 1 && this.#left !== undefined) {
      // Overtaken by a later request's answer about the same window: both are lower bounds.
      this.#left = Math.max(this.#left, sure);
    }
  }

  #look(request: SendReceipt, now: number, seen: BudgetReading): void {
    const taken = this.#whole() - seen.remaining;
    // At most, by both counts: what was there when it was sent and since, and what this window can hold. A reset that is
    // another budget's tells when this window began only if windows are fixed, and then all begin at once.
    if (seen.reset?.isAmbiguous === true) this.#kind.observe(undefined, taken, this.#least(request, now));
    const isTelling = seen.reset?.isAmbiguous === false || this.#kind.kind === 'fixed';
    const own = Math.min(
      request.ownAtSend + this.#orders - request.sequence,
      seen.reset?.isCertain === true && isTelling
        ? 1 + this.#inFlight + this.#log.countSince(seen.reset.earliest - this.#window)
        : Number.POSITIVE_INFINITY,
    );
    if (taken > own) this.#sharedUntil = now + this.#window;
    this.#isShared = now < this.#sharedUntil;
    if (!this.#isShared) return;
    this.#kind.observe(seen.reset?.serverTime, taken, this.#least(request, now));
    const isPassed = seen.reset === undefined || this.#kind.kind === 'sliding';
    this.#share.observe({
      now,
      limit: this.#cap(),
      reserved: this.#kept(),
      used: taken,
      ownUsed: own,
      elapsed: isPassed ? 1 : 1 - (this.#reset - now) / this.#window,
      latency: Math.max(1, now - request.at),
    });
  }

  /** How many of our requests certainly came within one window before this one was answered, itself left out. */
  #least(request: SendReceipt, now: number): number {
    return this.#log.size > COUNTABLE ? 0 : this.#log.countWithin(now - this.#window, request.at);
  }

  /** Where the server does not tell its limit, it is at least what remains and what we know to be counted. */
  #learn(request: SendReceipt, seen: BudgetReading): void {
    this.#limit = seen.limit ?? this.#limit;
    this.#learned = Math.max(this.#learned, seen.remaining + 1);
    const most = seen.remaining + 1 + this.#log.size;
    if (this.#limit !== undefined || most <= this.#learned || this.#log.size > COUNTABLE) return;
    if (seen.reset?.isCertain !== true) return;
    const own = this.#log.countWithin(seen.reset.latest - this.#window, request.at);
    this.#learned = Math.max(this.#learned, seen.remaining + 1 + own);
  }

  /** Requests of the limit that are kept for others. */
  #kept(): number {
    return Math.floor(this.#whole() * this.#reserve);
  }

  #cap(): number {
    return Math.max(1, this.#whole() - this.#kept());
  }

  #whole(): number {
    return this.#limit ?? this.#learned;
  }

  /** What we may take of what is left, without what frees itself. */
  #spare(): number {
    return (this.#left ?? 0) - this.#kept();
  }

  #free(now: number): number {
    return this.#spare() + (now >= this.#reset ? 1 : 0);
  }

  #claimedAt(now: number): number {
    const { kind } = this.#kind;
    if (kind === 'fixed' && now >= this.#reset) this.#renew(now);
    const spare = this.#spare();
    const slides = kind === 'sliding';
    const ready = this.#share.readyAt(now, { available: spare, isSliding: slides, inFlight: this.#inFlight });
    if (kind === 'fixed') return Math.min(ready, this.#reset);
    // Whoever does not know how the server counts finds it out at the reset, once.
    const asks = !slides && spare <= 0 && this.#inFlight === 0 && this.#share.refusals === 0;
    return asks ? Math.min(ready, Math.max(now, this.#reset)) : ready;
  }

  /** A fixed window has ended, so nothing is taken of the one that goes now. */
  #renew(now: number): void {
    this.#left = this.#whole() - this.#inFlight;
    const begin = now - ((now - this.#reset) % this.#window);
    this.#share.beginWindow(begin, this.#cap());
    this.#reset = begin + this.#window;
  }

  #ownShareAt(now: number): number {
    const over = this.#inFlight + this.#log.size - this.#cap();
    if (over < 0) return now;
    const frees = this.#log.answeredAt(over);
    return frees === undefined ? AFTER_A_RESPONSE : frees + this.#window;
  }

  #leftoverAt(now: number): number {
    if (this.#free(now) > 0) return now;
    if (now < this.#reset && this.#free(this.#reset) > 0) return this.#reset;
    // Others have used up what is left, or our reserve: look again at the reset, but only once a window.
    if (this.#inFlight > 0) return AFTER_A_RESPONSE;
    return Math.max(this.#reset, this.#probed + this.#window, now);
  }

  /** Milliseconds between two requests. */
  #interval(now: number): number {
    const fastest = this.#window / this.#cap();
    const free = this.#spare();
    if (now >= this.#reset || free <= 0) return fastest;
    return Math.max(fastest, (this.#reset - Math.max(this.#slot, now - this.#window)) / (free + 1));
  }
}
