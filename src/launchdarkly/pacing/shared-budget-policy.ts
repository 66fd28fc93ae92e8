import { SendLog } from './send-log.js';

/**
 * The share of the limit that clients together leave free, because what each of them knows is slightly out of date.
 */
const MARGIN = 0.05;

/** How often per window a client claims each free slot. */
const CLAIMS = 5;

/** A claim that would come later than this share of the window is dropped: others have sent too much in the meantime. */
const FRESH = 0.1;

/** The probability that a client with the whole budget gives up a slot that it frees. */
const YIELD = 0.3;

/** How long a slot that we freed is ours to use again in a sliding window, in milliseconds: then others have seen it free. */
const KEPT = 250;

/** The longest pause between two probes of a client without a slot, in windows. */
const LONGEST_PAUSE = 4;

/** What one response showed about a budget that other clients draw on too. */
export interface Observation {
  /** Local epoch milliseconds. */
  readonly now: number;
  /** When the request behind it was sent. */
  readonly sentAt: number;
  /** Requests per window that are available to clients like this one. */
  readonly limit: number;
  /** Requests that occupy a slot, by all clients. */
  readonly used: number;
  /** Upper bound on how many of `used` are our own. */
  readonly ownUsed: number;
}

/** The state of the budget when it asks whether one more request may be sent. */
export interface BudgetView {
  /** Requests that the last response reported as remaining and that we have not used since, without the reserve. */
  readonly available: number;
  /** When the window resets if it is fixed, and undefined if each request leaves it by itself. */
  readonly reset: number | undefined;
  /** When the first request leaves the window, if that is certain: before that, a probe would be refused. */
  readonly nextSlotAt: number;
  readonly inFlight: number;
}

/**
 * Decides which part of a budget is ours while other clients draw on it. They all see the same number of remaining
 * requests; if each used all of it, most requests would be refused. The clients do not talk to each other: each learns
 * from the response headers how much the others use, and all that follow these rules reach equal shares.
 *
 * A request occupies a slot of the window until it leaves the window.
 *
 * - Reuse: a slot that one of our requests frees is ours to use again: in a sliding window at once, before others see it
 *   free, and in a fixed window from the reset on.
 * - Claim: free slots beyond a margin are claimed at random times, the sooner the more are free.
 * - Yield: a client gives up a freed slot with a probability that grows with its share. All clients claim at the same
 *   rate, so shares converge (additive increase, multiplicative decrease).
 * - Probe: a client without a slot sends one request after a while to find out, and waits longer each time it is
 *   refused.
 */
export class SharedBudgetPolicy {
  readonly #window: number;
  readonly #random: () => number;
  /** Our requests that occupy a slot. */
  readonly #slots = new SendLog();
  /** Slots that we have freed and may use again, and when the last of them was freed. */
  #freed = 0;
  #freedAt = Number.NEGATIVE_INFINITY;
  #isFixed = false;
  #last: Observation | undefined;
  #yieldProbability = 0;
  #claimAt = Number.POSITIVE_INFINITY;
  #probeAt = Number.NEGATIVE_INFINITY;
  /** How often we were refused in a row, and when last. Requests that were in flight together count once. */
  #refusals = 0;
  #refusedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param window milliseconds
   * @param random at least 0, below 1
   */
  constructor(window: number, random: () => number) {
    this.#window = window;
    this.#random = random;
  }

  /** Slots that we have freed and will use again. */
  get freed(): number {
    return this.#freed;
  }

  /** Records what a response showed, and plans the next claim and probe from it. */
  observe(observation: Observation): void {
    const { now, sentAt, limit, used, ownUsed } = observation;
    this.#last = observation;
    // The response already includes slots that were freed before its request was sent: they would count twice. If nothing
    // is left, those that were freed since may be included too.
    if (!this.#isFixed && this.#freedAt <= (used < limit ? sentAt : now)) this.#freed = 0;
    // The margin is at most what the smaller side uses: a client with almost nothing must be able to get in, and costs
    // the others almost nothing.
    const margin = Math.min(limit * MARGIN, ownUsed, Math.max(0, used - ownUsed));
    const free = limit - margin - used;
    this.#yieldProbability = Math.max(YIELD * Math.min(1, ownUsed / used), -free / used);
    // An exponential distribution, whose rate grows with what is free.
    const rate = (CLAIMS * Math.max(0, Math.floor(free))) / this.#window;
    const delay = -Math.log(1 - this.#random()) / rate;
    this.#claimAt = delay < this.#window * FRESH ? now + delay : Number.POSITIVE_INFINITY;
    const pause = Math.min(LONGEST_PAUSE, 2 ** Math.max(0, this.#refusals - 1));
    this.#probeAt = now + this.#window * (0.5 + this.#random() / 2) * pause;
  }

  /**
   * Records a response without rate headers, by moving the last observation forward in time.
   * @param used how many slots the request occupies, 0 or 1
   */
  observeWithoutHeaders(now: number, used: number): void {
    const last = this.#last;
    if (last === undefined) return;
    this.observe({ ...last, now, used: last.used + used, ownUsed: last.ownUsed + used });
  }

  /** The earliest local time at which one more request may be sent, or infinity if that takes a response. */
  readyAt(now: number, { available, reset, nextSlotAt, inFlight }: BudgetView): number {
    const isFixed = reset !== undefined;
    if (isFixed !== this.#isFixed) this.#freed = 0;
    this.#isFixed = isFixed;
    this.#freeSlots(now, available, reset);
    if (this.#freed > 0 && (reset === undefined || available > 0)) return now;
    const claim = available > 0 ? this.#claimAt : Number.POSITIVE_INFINITY;
    const next = Math.min(claim, this.#nextFreedAt(available, reset));
    if (next < Number.POSITIVE_INFINITY || inFlight > 0) return Math.max(now, next);
    return Math.max(now, this.#probeAt, nextSlotAt);
  }

  /** Counts a request that is sent now. Returns whether it reuses a slot that we freed, rather than taking a free one. */
  recordSent(): boolean {
    if (this.#freed > 0) {
      this.#freed -= 1;
      return true;
    }
    // One claim for each observation: the response will be the next one.
    this.#claimAt = Number.POSITIVE_INFINITY;
    return false;
  }

  /** A request of ours was answered: it occupies a slot of the window, unless it was refused. */
  recordResponse(sentAt: number, now: number, isRefusal: boolean): void {
    if (!isRefusal) {
      this.#refusals = 0;
      this.#slots.add(sentAt, now);
    } else if (sentAt >= this.#refusedAt) {
      this.#refusals += 1;
      this.#refusedAt = now;
    }
  }

  /** Moves our requests that have left the window by now to the freed slots, or gives their slots up. */
  #freeSlots(now: number, available: number, reset: number | undefined): void {
    if (reset === undefined && now - this.#freedAt > KEPT) this.#freed = 0;
    for (let at = this.#nextFreedAt(available, reset); at <= now; at = this.#nextFreedAt(available, reset)) {
      // Slots of a fixed window that were not used before its end are lost.
      if (reset !== undefined && at > this.#freedAt) this.#freed = 0;
      // Whether the last response may already include this slot as free.
      const leftAt = (this.#slots.sentAt(0) ?? at) + this.#window;
      const seenAt = available > 0 ? this.#last?.sentAt : this.#last?.now;
      const isObserved = reset === undefined && (leftAt <= (seenAt ?? leftAt) || at < now - KEPT);
      this.#slots.drop();
      if (isObserved) continue;
      this.#freedAt = at;
      if (this.#random() >= this.#yieldProbability) this.#freed += 1;
    }
  }

  /**
   * When we free our next slot. A request that is sent one window after another arrives about when the other leaves the
   * window, give or take the difference in latency. If at most one request is available that is not certain enough, so
   * the slot counts as free one window after the response.
   */
  #nextFreedAt(available: number, reset: number | undefined): number {
    const answered = this.#slots.answeredAt(0);
    if (answered === undefined) return Number.POSITIVE_INFINITY;
    if (reset !== undefined) return reset - Math.floor((reset - answered) / this.#window) * this.#window;
    return (available > 1 ? (this.#slots.sentAt(0) ?? answered) : answered) + this.#window;
  }
}
