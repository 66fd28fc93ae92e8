import { SendLog } from './send-log.js';

/**
 * The share of the limit that clients together leave free, because what each of them knows is slightly out of date. Half
 * of it is enough if there is a reserve: the reserve then absorbs a small excess, and nothing is refused.
 */
const MARGIN = 0.04;

/** How often per window a client claims each free slot: between these shares of the limit, the upper at least `OFTEN`. */
const LEAST_CLAIM = 0.04;
const MOST_CLAIM = 0.1;
const OFTEN = 4;

/**
 * A claim is dropped if it would come later than this share of the window, or than our share of the budget if that is
 * more: the smaller our share, the more other clients have observed in the meantime.
 */
const FRESH = 0.15;

/** The probability that a client with the whole budget gives up a slot that it frees. */
const YIELD = 0.3;

/** If use is above the limit by this share of the limit, every freed slot is given up. */
const EXCESS = 0.1;

/** In a fixed window, the client with the largest share lets this many requests of others pass before its next one. */
const MOST_TURNS = 10;

/** A slot that we freed longer ago than this, in milliseconds, is lost: other clients have seen it free. */
const CATCH_UP = 250;

/** After this many refusals in a row, the time between probes of a client without a slot stops doubling. */
const MOST_DOUBLINGS = 2;

/** What one response showed about a budget that other clients draw on too. */
export interface Observation {
  /** Local epoch milliseconds. */
  readonly now: number;
  /** Requests per window that are available to clients like this one. */
  readonly limit: number;
  /** Requests per window that are left to clients that do not pace themselves. */
  readonly reserved: number;
  /** Requests in the current window, by all clients. */
  readonly used: number;
  /** Upper bound on how many of `used` are our own. */
  readonly ownUsed: number;
  /** How much of the window has elapsed, 0 to 1; always 1 for a sliding window. */
  readonly elapsed: number;
  /** Milliseconds from the request to its response. */
  readonly latency: number;
}

/** The state of the budget when it asks whether one more request may be sent. */
export interface BudgetView {
  /** Requests that the last response reported as remaining and that we have not used since, without the reserve. */
  readonly available: number;
  /** Whether the window slides, so that a slot we free is available whatever the last response reported. */
  readonly isSliding: boolean;
  readonly inFlight: number;
}

/**
 * Decides which part of a budget is ours while other clients draw on it. They all see the same number of remaining
 * requests; if each used all of it, most requests would be refused. The clients do not talk to each other: each learns
 * from the response headers how much the others use, and all that follow these rules reach equal shares.
 *
 * A request occupies a slot of the window until it leaves the window.
 *
 * - Reuse: a slot that one of our requests frees is ours to use again at once, before others see it free.
 * - Claim: free slots beyond a margin are claimed at random times, the sooner the more are free, and slowly enough to
 *   notice the claims of others. In a fixed window, only the part of the limit that corresponds to the elapsed time
 *   counts as free.
 * - Yield: a client gives up a freed slot with a probability that grows with its share, and every client does if use is
 *   above the limit. All clients claim at the same rate, so shares converge (additive increase, multiplicative
 *   decrease).
 * - Probe: a client without a slot sends one request after a while to find out, and waits longer each time it is
 *   refused.
 */
export class SharedBudgetPolicy {
  readonly #window: number;
  readonly #random: () => number;
  /** Our requests that occupy a slot. */
  readonly #slots = new SendLog();
  /** Slots that we have just freed and may use again, and when the last of them was freed. */
  #freed = 0;
  #freedAt = Number.NEGATIVE_INFINITY;
  /** When the request behind the last observation was sent, and when its response came. */
  #observationSentAt = Number.NEGATIVE_INFINITY;
  #observedAt = Number.NEGATIVE_INFINITY;
  #yieldProbability = 0;
  /** Upper bound on our share of the current use, 0 to 1. */
  #ownShare = 1;
  /** When to claim a free slot, to take our turn in a fixed window, and to probe without a slot. */
  #claimAt = Number.POSITIVE_INFINITY;
  #turnAt = Number.POSITIVE_INFINITY;
  #probeAt = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  #last: Observation | undefined;

  /**
   * @param window milliseconds
   * @param random at least 0, below 1
   */
  constructor(window: number, random: () => number) {
    this.#window = window;
    this.#random = random;
  }

  /** How many of our requests were refused in a row. */
  get refusals(): number {
    return this.#refusals;
  }

  /** Records what a response showed, and plans the next claim, turn and probe from it. */
  observe(observation: Observation): void {
    this.#observationSentAt = observation.now - observation.latency;
    this.#observedAt = observation.now;
    // The response already includes slots that were freed before its request was sent: they would count twice.
    if (this.#freedAt <= this.#observationSentAt) this.#freed = 0;
    this.#plan(observation);
  }

  /**
   * Records a response without rate headers, by moving the last observation forward in time.
   * @param used how many slots the request occupies, 0 or 1
   */
  observeWithoutHeaders(now: number, used: number): void {
    const last = this.#last;
    if (last === undefined) return;
    const elapsed = Math.min(1, last.elapsed + (now - last.now) / this.#window);
    this.#plan({ ...last, now, used: last.used + used, ownUsed: last.ownUsed + used, elapsed });
  }

  #plan(observation: Observation): void {
    const { now, limit, reserved, used, ownUsed, elapsed, latency } = observation;
    this.#last = observation;
    this.#ownShare = Math.min(1, ownUsed / used);
    // The margin is at most what the smaller side uses: a client with almost nothing must be able to get in, and costs
    // the others almost nothing.
    const most = Math.max(limit * MARGIN - reserved, (limit * MARGIN) / 2);
    const margin = Math.min(most, ownUsed, Math.max(1, used - ownUsed));
    const free = (limit - margin) * elapsed - used;
    this.#yieldProbability = YIELD * this.#ownShare + Math.max(0, -free - 1) / (limit * EXCESS);
    this.#planClaim(now, limit, ownUsed, free, latency);
    this.#turnAt = elapsed < 1 ? this.#nextTurn(now, free, limit - margin) : Number.POSITIVE_INFINITY;
    const patience = 2 ** Math.min(MOST_DOUBLINGS, this.#refusals);
    this.#probeAt = now + this.#window * (0.5 + this.#random()) * patience;
  }

  /** A fixed window begins, in which nothing is used. A client that waits for its turn keeps it, or gets an earlier one. */
  beginWindow(now: number, limit: number): void {
    const isWaiting = this.#turnAt < Number.POSITIVE_INFINITY;
    const waiting = isWaiting ? this.#turnAt : now + this.#window * this.#random();
    this.#claimAt = Number.POSITIVE_INFINITY;
    this.#turnAt = Math.min(waiting, this.#nextTurn(now, 0, limit));
  }

  /** The earliest local time at which one more request may be sent, or infinity if that takes a response. */
  readyAt(now: number, { available, isSliding, inFlight }: BudgetView): number {
    this.#freeSlots(now, available);
    if (this.#freed > 0 && (isSliding || available > 0)) return now;
    const claim = available > 0 ? Math.min(this.#claimAt, this.#turnAt) : Number.POSITIVE_INFINITY;
    const next = Math.min(claim, this.#nextFreedAt(available));
    if (next < Number.POSITIVE_INFINITY || inFlight > 0) return Math.max(now, next);
    return Math.max(now, this.#probeAt);
  }

  /** Counts a request that is sent now. Returns whether it reuses a slot that we freed, rather than taking a free one. */
  recordSent(): boolean {
    if (this.#freed > 0) {
      this.#freed -= 1;
      return true;
    }
    // One claim for each observation: the response will be the next one.
    this.#claimAt = Number.POSITIVE_INFINITY;
    this.#turnAt = Number.POSITIVE_INFINITY;
    return false;
  }

  /** A request of ours was answered: it occupies a slot of the window, unless it was refused. */
  recordResponse(sentAt: number, now: number, isRefusal: boolean): void {
    this.#refusals = isRefusal ? this.#refusals + 1 : 0;
    this.#slots.forget(now - this.#window - CATCH_UP);
    if (!isRefusal) this.#slots.add(sentAt, now);
  }

  /** Draws the time of the next claim from an exponential distribution whose rate grows with what is free. */
  #planClaim(now: number, limit: number, ownUsed: number, free: number, latency: number): void {
    const wanted = Math.max(
      limit * LEAST_CLAIM,
      Math.min(Math.max(limit * MOST_CLAIM, OFTEN), ownUsed * this.#ownShare),
    );
    // All clients together claim at most once in two round trips. Otherwise they would not notice each other's claims.
    const most = (Math.max(this.#ownShare, LEAST_CLAIM) * this.#window) / (2 * latency);
    const rate = (Math.min(wanted, most) * Math.max(0, free)) / this.#window;
    const delay = -Math.log(1 - this.#random()) / rate;
    this.#claimAt =
      delay < this.#window * Math.max(FRESH, this.#ownShare) ? now + delay : Number.POSITIVE_INFINITY;
  }

  /**
   * When it is our turn in a fixed window. Slots become free evenly over the window; if each client takes one of them in
   * turn, this is when we take our second. The larger our share, the fewer clients come in between, so a minimum number
   * of turns keeps a client with a large share from taking everything.
   */
  #nextTurn(now: number, free: number, limit: number): number {
    const turns =
      Math.max(2 / this.#ownShare, Math.min(limit * MOST_CLAIM, MOST_TURNS)) * (0.75 + this.#random() / 2);
    return now + (turns - free) * (this.#window / limit);
  }

  /** Moves our requests that have left the window by now to the freed slots, or gives their slots up. */
  #freeSlots(now: number, available: number): void {
    if (now - this.#freedAt > CATCH_UP) this.#freed = 0;
    for (let at = this.#nextFreedAt(available); at <= now; at = this.#nextFreedAt(available)) {
      // Whether the last observation already counted this slot as free.
      const isObserved =
        available > 1
          ? at <= this.#observationSentAt
          : (this.#slots.sentAt(0) ?? 0) + this.#window <= this.#observedAt;
      this.#slots.drop();
      if (at < now - CATCH_UP || isObserved) continue;
      this.#freedAt = at;
      if (this.#random() >= this.#yieldProbability) this.#freed += 1;
    }
  }

  /**
   * When we free our next slot. A request that is sent one window after another arrives about when the other leaves the
   * window, give or take the difference in latency. If hardly anything is available that is not certain enough, so the
   * slot counts as free one window after the response.
   */
  #nextFreedAt(available: number): number {
    const from = available > 1 ? this.#slots.sentAt(0) : this.#slots.answeredAt(0);
    return from === undefined ? Number.POSITIVE_INFINITY : from + this.#window;
  }
}
