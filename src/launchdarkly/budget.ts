import { SendLog } from './send-log.js';
import { leastShare, shareOf } from './share.js';

/** What an answer said about a budget, in local time. */
export interface Observation {
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
}

/** One request as a budget remembers it between sending and answer. */
export interface Sent {
  readonly at: number;
  /** How many answers had come in when it was sent. */
  readonly answers: number;
}

/** A budget cannot move before some answer has come in. */
export const AFTER_AN_ANSWER = Number.POSITIVE_INFINITY;

/**
 * What a late timer may make up for, in milliseconds: without it every timer that fires late would cost its share of
 * the budget. It never exceeds the budget, which is counted and not timed.
 */
const CATCH_UP = 250;

/** Above this many requests a window, learning the limit from our own share is not worth the counting. */
const COUNTABLE = 5000;

/**
 * Next to others, how much earlier than our own next place, as a share of the window, a look at the reset has to be:
 * in a sliding window only one place gets free then, and it most likely is another's. Whoever has little looks anyway.
 */
const WORTH_PROBING = 0.5;

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
 */
export class Budget {
  readonly #window: number;
  readonly #reserve: number;
  readonly #random: () => number;
  readonly #log = new SendLog();
  #limit: number | undefined;
  #learned = 0;
  #inFlight = 0;
  #answers = 0;
  /** Requests that may still be sent before the reset, the reserve included; undefined before the first answer. */
  #left: number | undefined;
  /** How many of them are ours to take, next to others. */
  #claim = Number.POSITIVE_INFINITY;
  #reset = 0;
  #windowStart = 0;
  #observedSent = Number.NEGATIVE_INFINITY;
  #observedAt = Number.NEGATIVE_INFINITY;
  /** Whether others draw on the budget too. */
  #contested = false;
  /** Our own requests that have left the window since it was observed. */
  #recycled = 0;
  #recycledAt = Number.NEGATIVE_INFINITY;
  /** How likely such a place is left to others. */
  #yield = 0;
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
    this.#random = random;
  }

  /** When the window resets, as far as the last answer told. */
  get reset(): number {
    return this.#reset;
  }

  /** Whether an answer has ever told about this budget. */
  get known(): boolean {
    return this.#left !== undefined;
  }

  /** The earliest local time at which one more request may go, or `AFTER_AN_ANSWER`. */
  readyAt(now: number): number {
    if (this.#left === undefined) return now;
    this.#recycle(now);
    return Math.max(this.#ownShareAt(now), this.#leftoverAt(now), this.#slot + this.#interval(now));
  }

  sent(now: number): Sent {
    if (this.#left !== undefined) {
      if (this.#free(now) <= 0) this.#probed = now;
      this.#slot = Math.max(this.#slot + this.#interval(now), now - CATCH_UP);
      this.#left -= 1;
      this.#claim -= 1;
    } else {
      this.#slot = now;
    }
    this.#inFlight += 1;
    return { at: now, answers: this.#answers };
  }

  /**
   * Takes in an answer, or with `observation` undefined one that says nothing (or never came).
   * @param refused whether it was a 429, which takes no place in the window
   */
  answered(request: Sent, now: number, observation: Observation | undefined, refused: boolean): void {
    this.#inFlight -= 1;
    const answeredMeanwhile = this.#answers - request.answers;
    this.#answers += 1;
    if (observation !== undefined) this.#observe(request, now, observation, answeredMeanwhile);
    if (!refused) this.#log.add(request.at, now);
    if (this.#inFlight === 0) {
      // Nothing is under way, so the lowest of what the last answers said is at most what the last counted one left.
      if (this.#left !== undefined && this.#lowestSinceIdle < Number.POSITIVE_INFINITY) {
        this.#left = Math.max(this.#left, this.#lowestSinceIdle);
      }
      this.#lowestSinceIdle = Number.POSITIVE_INFINITY;
    }
  }

  #observe(request: Sent, now: number, seen: Observation, answeredMeanwhile: number): void {
    const sure = seen.remaining - this.#inFlight - answeredMeanwhile;
    this.#lowestSinceIdle = Math.min(this.#lowestSinceIdle, seen.remaining);
    this.#learn(request, seen);
    if (request.at >= this.#observedSent) {
      // By our own count a place gets free when our oldest request leaves.
      this.#reset = seen.reset?.latest ?? (this.#log.doneAt(0) ?? now) + this.#window;
      this.#observedSent = request.at;
      this.#observedAt = now;
      this.#windowStart = (seen.reset?.earliest ?? now) - this.#window;
      this.#recycled = 0;
      this.#left = sure;
      const share = shareOf({
        limit: this.#whole(),
        remaining: seen.remaining,
        kept: this.#kept(),
        own: 1 + this.#inFlight + this.#log.countSince(this.#windowStart),
        ahead: (this.#reset - now) / this.#window,
        random: this.#random(),
      });
      this.#contested = share !== undefined;
      this.#claim = share?.claim ?? Number.POSITIVE_INFINITY;
      this.#yield = share?.yields ?? 0;
    } else if (Math.abs((seen.reset?.latest ?? 0) - this.#reset) < 1 && this.#left !== undefined) {
      // Overtaken by a later request's answer about the same window: both are lower bounds.
      this.#left = Math.max(this.#left, sure);
    }
  }

  /** Where the server does not tell its limit, it is at least what remains and what we know to be counted. */
  #learn(request: Sent, seen: Observation): void {
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

  /** A place that we leave in the window is ours to take again, as long as nobody else can have seen it for long. */
  #recycle(now: number): void {
    const gone = now - this.#window;
    this.#log.forget(gone - CATCH_UP);
    if (now - this.#recycledAt > CATCH_UP) this.#recycled = 0;
    const freed = this.#log.forget(gone, this.#observedAt - this.#window, this.#windowStart);
    if (freed > 0) this.#recycledAt = now;
    for (let place = 0; place < freed; place += 1) {
      if (this.#random() >= this.#yield) this.#recycled += 1;
    }
  }

  /** What we may take of what is left, without what frees itself. */
  #spare(): number {
    return Math.min((this.#left ?? 0) - this.#kept(), this.#claim);
  }

  #free(now: number): number {
    return this.#spare() + (this.#contested ? this.#recycled : now >= this.#reset ? 1 : 0);
  }

  #ownShareAt(now: number): number {
    const over = this.#inFlight + this.#log.size - this.#cap();
    if (over < 0) return now;
    const frees = this.#log.doneAt(over);
    return frees === undefined ? AFTER_AN_ANSWER : frees + this.#window;
  }

  #leftoverAt(now: number): number {
    if (this.#free(now) > 0) return now;
    if (now < this.#reset && this.#free(this.#reset) > 0) return this.#reset;
    // Others have used up what is left, or our reserve: look again at the reset, but only once a window.
    const probe = Math.max(this.#reset, this.#probed + this.#window, now);
    const leaves = this.#contested ? this.#log.doneAt(-this.#free(now)) : undefined;
    if (leaves !== undefined) {
      const recycles = leaves + this.#window;
      const hasNextToNothing = this.#log.size * 4 <= leastShare(this.#whole()) + 3;
      const worth = hasNextToNothing ? 0 : this.#window * WORTH_PROBING;
      return recycles - probe > worth ? probe : recycles;
    }
    return this.#inFlight > 0 ? AFTER_AN_ANSWER : probe;
  }

  /** Milliseconds between two requests. */
  #interval(now: number): number {
    const fastest = this.#window / this.#cap();
    const free = this.#spare();
    if (now >= this.#reset || free <= 0) return fastest;
    return Math.max(fastest, (this.#reset - Math.max(this.#slot, now - this.#window)) / (free + 1));
  }
}
