import { SendLog } from './send-log.js';

/**
 * The share of the limit that clients next to each other leave unclaimed: what each has seen is a little old. Half of it
 * does where a reserve stands behind it, so that nobody is refused where a little too much is claimed.
 */
const MARGIN = 0.04;

/** How often in a window each claims all that is free: at least and at most this share of the limit, or this often. */
const LEAST_CLAIM = 0.04;
const MOST_CLAIM = 0.1;
const OFTEN = 4;

/**
 * A claim is worth nothing after as much of the window as we have of the budget, and this at least: the less is ours, the
 * more others have looked since.
 */
const FRESH = 0.15;

/** How likely somebody who has everything is to give up a place that it leaves. */
const YIELD = 0.3;

/** By how much of the limit too many must be taken for every place that is left to be given up. */
const EXCESS = 0.1;

/** Whoever has most waits for so many others, where the window is fixed, before it takes one of what gets free. */
const MOST_TURNS = 10;

/** A place that was left so many milliseconds ago is lost: others have seen it free. */
const CATCH_UP = 250;

/** After so many refusals in a row the time between two looks of somebody who has no place stops doubling. */
const PATIENCE = 2;

/** One look at a budget that others draw on too. */
export interface Observation {
  /** Local epoch milliseconds. */
  readonly now: number;
  /** Requests of a window that are there for clients that pace themselves. */
  readonly limit: number;
  /** Requests of a window that are kept for those that do not. */
  readonly reserved: number;
  /** How many of a window are taken, and how many of those at most are our own. */
  readonly used: number;
  readonly ownUsed: number;
  /** How much of the window has passed, 0 to 1; 1 where it slides, so that all of it always has. */
  readonly elapsed: number;
  /** Milliseconds from asking to the answer. */
  readonly latency: number;
}

/** What the budget knows when it asks whether one more request may go. */
export interface BudgetView {
  /** How many requests the last answer left to us, without the reserve. */
  readonly available: number;
  /** Whether a place that we leave in the window is free then, whatever the last answer left. */
  readonly isSliding: boolean;
  readonly inFlight: number;
}

/**
 * What of a budget is ours while others draw on it, who see the same leftover: if each took it, most would be refused.
 *
 * So places in the window are like tenancies:
 * - a place that one of our requests leaves is ours to take again, at once, so that nobody sees it free;
 * - what is free beyond a margin is claimed at random moments, the sooner the more is free, and slowly enough to see
 *   what others have claimed; where the window is fixed, only what its part that has passed would hold is free;
 * - whoever has much gives up a place now and then, more of them the more it has, and everybody does where too much is
 *   taken. All claim alike, so in the end all have the same (additive increase, multiplicative decrease);
 * - whoever has no place looks again in a while, and in a longer while each time that it is refused.
 */
export class SharedBudgetPolicy {
  readonly #window: number;
  readonly #random: () => number;
  readonly #places = new SendLog();
  /** Places that we have just left, and have not taken again. */
  #vacant = 0;
  #vacantSince = Number.NEGATIVE_INFINITY;
  /** When the last look was asked for, and when it was answered. */
  #asked = Number.NEGATIVE_INFINITY;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #yields = 0;
  #part = 1;
  #claimAt = Number.POSITIVE_INFINITY;
  #turnAt = Number.POSITIVE_INFINITY;
  #lookAt = Number.NEGATIVE_INFINITY;
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

  /** Times in a row that we were refused. */
  get refusals(): number {
    return this.#refusals;
  }

  observe(look: Observation): void {
    // What was left before the question is part of the answer.
    this.#asked = look.now - look.latency;
    this.#lookedAt = look.now;
    if (this.#vacantSince <= this.#asked) this.#vacant = 0;
    this.#judge(look);
  }

  /**
   * An answer came without headers: goes by the last look, which is a little older now.
   * @param taken how many places it took, 0 or 1
   */
  observeWithoutHeaders(now: number, taken: number): void {
    const last = this.#last;
    if (last === undefined) return;
    const passed = Math.min(1, last.elapsed + (now - last.now) / this.#window);
    this.#judge({ ...last, now, used: last.used + taken, ownUsed: last.ownUsed + taken, elapsed: passed });
  }

  #judge(look: Observation): void {
    const { now, limit, reserved, used, ownUsed, elapsed, latency } = look;
    this.#last = look;
    this.#part = Math.min(1, ownUsed / used);
    // No more than what the smaller side has: who has next to nothing must get in, and costs the other next to nothing.
    const most = Math.max(limit * MARGIN - reserved, (limit * MARGIN) / 2);
    const margin = Math.min(most, ownUsed, Math.max(1, used - ownUsed));
    const free = (limit - margin) * elapsed - used;
    this.#yields = YIELD * this.#part + Math.max(0, -free - 1) / (limit * EXCESS);
    this.#claim(now, limit, ownUsed, free, latency);
    this.#turnAt = elapsed < 1 ? this.#inTurn(now, free, limit - margin) : Number.POSITIVE_INFINITY;
    const patience = 2 ** Math.min(PATIENCE, this.#refusals);
    this.#lookAt = now + this.#window * (0.5 + this.#random()) * patience;
  }

  /** A fixed window begins, of which nothing is taken. Whoever waits for its turn goes on waiting, but not for ever. */
  beginWindow(now: number, limit: number): void {
    const isWaiting = this.#turnAt < Number.POSITIVE_INFINITY;
    const waiting = isWaiting ? this.#turnAt : now + this.#window * this.#random();
    this.#claimAt = Number.POSITIVE_INFINITY;
    this.#turnAt = Math.min(waiting, this.#inTurn(now, 0, limit));
  }

  /** The earliest local time at which one more request may go, or infinity where that takes an answer. */
  readyAt(now: number, standing: BudgetView): number {
    const { available, isSliding, inFlight } = standing;
    this.#vacate(now, available);
    if (this.#vacant > 0 && (isSliding || available > 0)) return now;
    const claim = available > 0 ? Math.min(this.#claimAt, this.#turnAt) : Number.POSITIVE_INFINITY;
    const next = Math.min(claim, this.#nextLeaves(available));
    if (next < Number.POSITIVE_INFINITY || inFlight > 0) return Math.max(now, next);
    return Math.max(now, this.#lookAt);
  }

  /** One more request is sent. Tells whether it takes a place that we have left, and nothing of what is free. */
  recordSent(): boolean {
    if (this.#vacant > 0) {
      this.#vacant -= 1;
      return true;
    }
    // The answer will be the next look.
    this.#claimAt = Number.POSITIVE_INFINITY;
    this.#turnAt = Number.POSITIVE_INFINITY;
    return false;
  }

  /** One of our requests was answered: it has a place in the window, unless it was refused. */
  recordResponse(sent: number, now: number, refused: boolean): void {
    this.#refusals = refused ? this.#refusals + 1 : 0;
    this.#places.forget(now - this.#window - CATCH_UP);
    if (!refused) this.#places.add(sent, now);
  }

  /** Claims come as decay does: at any moment as likely as much is free. */
  #claim(now: number, limit: number, own: number, free: number, latency: number): void {
    const wanted = Math.max(
      limit * LEAST_CLAIM,
      Math.min(Math.max(limit * MOST_CLAIM, OFTEN), own * this.#part),
    );
    // All together at most one in two round trips, or nobody would see what the others claim.
    const most = (Math.max(this.#part, LEAST_CLAIM) * this.#window) / (2 * latency);
    const rate = (Math.min(wanted, most) * Math.max(0, free)) / this.#window;
    const after = -Math.log(1 - this.#random()) / rate;
    this.#claimAt =
      after < this.#window * Math.max(FRESH, this.#part) ? now + after : Number.POSITIVE_INFINITY;
  }

  /** When a fixed window has come so far that, each client taking one place, it is our turn for the second time. */
  #inTurn(now: number, free: number, limit: number): number {
    const turns =
      Math.max(2 / this.#part, Math.min(limit * MOST_CLAIM, MOST_TURNS)) * (0.75 + this.#random() / 2);
    return now + (turns - free) * (this.#window / limit);
  }

  #vacate(now: number, spare: number): void {
    if (now - this.#vacantSince > CATCH_UP) this.#vacant = 0;
    for (let leaves = this.#nextLeaves(spare); leaves <= now; leaves = this.#nextLeaves(spare)) {
      const isCounted =
        spare > 1 ? leaves <= this.#asked : (this.#places.sentAt(0) ?? 0) + this.#window <= this.#lookedAt;
      this.#places.drop();
      if (leaves < now - CATCH_UP || isCounted) continue;
      this.#vacantSince = leaves;
      if (this.#random() >= this.#yields) this.#vacant += 1;
    }
  }

  /**
   * When we leave our next place. A request sent one window after another one comes when that one leaves, give or take
   * what the way takes; where hardly anything is left, only certainty will do.
   */
  #nextLeaves(spare: number): number {
    const from = spare > 1 ? this.#places.sentAt(0) : this.#places.answeredAt(0);
    return from === undefined ? Number.POSITIVE_INFINITY : from + this.#window;
  }
}
