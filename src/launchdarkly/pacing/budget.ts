import type { BudgetReading } from './budget-reading.js';
import { SendLog } from './send-log.js';
import { SharedBudgetPolicy } from './shared-budget-policy.js';
import { WindowKind } from './window-kind.js';

/** How much is left of a budget in its current window, according to the responses of that window. */
export type Outlook = 'plenty' | 'scarce' | 'unknown';

/** If at least this share of our part of the limit is left, this budget did not cause a 429. */
const PLENTY = 0.25;

/** The data that a budget keeps about a request until its response arrives. */
export interface SendReceipt {
  readonly at: number;
  /** How many responses had arrived when it was sent. */
  readonly responsesBefore: number;
  /** Its position among all requests, counted from 1. */
  readonly sequence: number;
  /** Upper bound on our requests in the server's window when it was sent, itself included. */
  readonly ownAtSend: number;
}

/** The ready time of a budget that can only change when a response arrives. */
export const AFTER_A_RESPONSE = Number.POSITIVE_INFINITY;

/**
 * How far a late timer may catch up, in milliseconds. Without it, every timer that fires late would waste a part of the
 * budget. It cannot exceed the budget: catching up affects only the spacing, not the counts.
 */
const CATCH_UP = 250;

/** With more requests than this in a window, the scans that compare single requests cost more than they gain. */
const COUNTABLE = 5000;

/**
 * One rate limit: how many requests may be sent in a window, minus the reserve that is left to other clients.
 *
 * The server's counter is only visible in the headers of responses, which are a round trip old, and the server may count
 * in fixed windows (all requests leave at the reset) or in sliding ones (each request leaves one window after it
 * arrived). Three rules are safe for both, and the latest of the times that they allow applies:
 *
 * 1. Own count: never more of our own requests within one window than the limit allows. A request counts from the
 *    moment it is sent until one window after its response, because the server may have counted it at any time between
 *    the two.
 * 2. Remaining: never more than the last response reported as remaining, treating each request that this response may
 *    not include yet as counted. After the reset one more, because a sliding window then frees only one slot.
 * 3. Spacing: what is left is spread evenly over the rest of the window, and never faster than one limit per window.
 *
 * If responses show more use than our own requests explain, other clients draw on the same budget and what is left is
 * not all ours. Then `SharedBudgetPolicy` replaces rules 2 and 3. In a sliding window it may also reuse the slots that
 * our own requests free, which rule 2 cannot see.
 */
export class Budget {
  readonly #window: number;
  readonly #reserve: number;
  readonly #policy: SharedBudgetPolicy;
  readonly #windowKind: WindowKind;
  /** Our answered requests that may still be in the server's window. */
  readonly #log = new SendLog();
  /** The limit as the server reports it, if it does, and otherwise a lower bound of it. */
  #reportedLimit: number | undefined;
  #learnedLimit = 0;
  #inFlight = 0;
  #responses = 0;
  #sent = 0;
  /** Requests that may still be sent before the reset, including the reserve; undefined before the first reading. */
  #left: number | undefined;
  #reset = 0;
  /** When the request behind the current reading was sent, and when its response came. */
  #readingSentAt = Number.NEGATIVE_INFINITY;
  #readingAt = Number.NEGATIVE_INFINITY;
  /** The budget counts as shared for one window after the last reading that showed other clients. */
  #sharedUntil = Number.NEGATIVE_INFINITY;
  #isShared = false;
  #lowestSinceIdle = Number.POSITIVE_INFINITY;
  /** When the last request was due on an even schedule: the next is due one spacing later. */
  #lastDue = Number.NEGATIVE_INFINITY;
  /** When a request was last sent although nothing was left, to find out whether that is still so. */
  #probedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param window milliseconds
   * @param reserve the share of the limit, 0 to 1, that is left to other clients
   * @param random at least 0, below 1
   */
  constructor(window: number, reserve: number, random: () => number) {
    this.#window = window;
    this.#reserve = reserve;
    this.#policy = new SharedBudgetPolicy(window, random);
    this.#windowKind = new WindowKind(window);
  }

  /** When the window resets in local time, according to the last reading. */
  get reset(): number {
    return this.#reset;
  }

  /** Whether any response has reported this budget. */
  get isKnown(): boolean {
    return this.#left !== undefined;
  }

  /** Whether so much is left that this budget cannot be the reason for a 429 that arrives now. */
  outlook(now: number): Outlook {
    if (this.#left === undefined || now - this.#readingAt >= this.#window) return 'unknown';
    return this.#available() >= this.#usableLimit() * PLENTY ? 'plenty' : 'scarce';
  }

  /** The earliest local time at which one more request may be sent, or `AFTER_A_RESPONSE`. */
  readyAt(now: number): number {
    if (this.#left === undefined) return now;
    this.#log.forget(now - this.#window);
    const byOwnCount = this.#ownCountReadyAt(now);
    if (this.#isShared) return Math.max(byOwnCount, this.#sharedReadyAt(now));
    return Math.max(byOwnCount, this.#remainingReadyAt(now), this.#lastDue + this.#spacing(now));
  }

  /** Counts a request that is sent now. Its receipt goes to `recordResponse`. */
  recordSent(now: number): SendReceipt {
    this.#log.forget(now - this.#window);
    if (this.#left !== undefined) {
      if (this.#availableAt(now) <= 0) this.#probedAt = now;
      this.#lastDue = Math.max(this.#lastDue + this.#spacing(now), now - CATCH_UP);
      const reusesSlot = this.#isShared && this.#policy.recordSent();
      // A slot that we freed in a sliding window was not part of what the last response reported as remaining.
      if (!reusesSlot || this.#windowKind.kind !== 'sliding') this.#left -= 1;
    } else {
      this.#lastDue = now;
    }
    this.#inFlight += 1;
    this.#sent += 1;
    const ownAtSend = this.#inFlight + this.#log.size;
    return { at: now, responsesBefore: this.#responses, sequence: this.#sent, ownAtSend };
  }

  /**
   * Records the response to a request.
   * @param reading undefined if the response does not mention this budget, or if no response came
   * @param isRefusal whether it was a 429, which the server does not count
   */
  recordResponse(
    request: SendReceipt,
    now: number,
    reading: BudgetReading | undefined,
    isRefusal: boolean,
  ): void {
    this.#inFlight -= 1;
    const responsesMeanwhile = this.#responses - request.responsesBefore;
    this.#responses += 1;
    if (reading !== undefined) this.#takeReading(request, now, reading, responsesMeanwhile);
    else if (this.#isShared) this.#policy.observeWithoutHeaders(now, isRefusal ? 0 : 1);
    this.#policy.recordResponse(request.at, now, isRefusal);
    if (!isRefusal) this.#log.add(request.at, now);
    if (this.#inFlight === 0) {
      // Nothing is in flight, so the lowest value reported since then includes all our requests and is safe to use.
      if (this.#left !== undefined && this.#lowestSinceIdle < Number.POSITIVE_INFINITY) {
        this.#left = Math.max(this.#left, this.#lowestSinceIdle);
      }
      this.#lowestSinceIdle = Number.POSITIVE_INFINITY;
    }
  }

  #takeReading(request: SendReceipt, now: number, reading: BudgetReading, responsesMeanwhile: number): void {
    // Any request that was in flight together with this one may have been counted after this reading.
    const certain = reading.remaining - this.#inFlight - responsesMeanwhile;
    this.#lowestSinceIdle = Math.min(this.#lowestSinceIdle, reading.remaining);
    this.#learnLimit(request, reading);
    if (request.at >= this.#readingSentAt) {
      // Without a reported reset, the next slot is free when our oldest request leaves the window.
      this.#reset = reading.reset?.latest ?? (this.#log.answeredAt(0) ?? now) + this.#window;
      this.#readingSentAt = request.at;
      this.#readingAt = now;
      this.#left = certain;
      this.#detectSharing(request, now, reading);
    } else if (Math.abs((reading.reset?.latest ?? 0) - this.#reset) < 1 && this.#left !== undefined) {
      // The response to a later request overtook this one. If both are about the same window, both are lower bounds.
      this.#left = Math.max(this.#left, certain);
    }
  }

  /** Compares the use that the server reports with our own requests: the difference is that of other clients. */
  #detectSharing(request: SendReceipt, now: number, reading: BudgetReading): void {
    const { reset } = reading;
    const used = this.#fullLimit() - reading.remaining;
    if (reset?.isAmbiguous === true)
      this.#windowKind.observe(undefined, used, this.#certainOwn(request, now));
    // The reset shows when this window began. If it may belong to another budget, that holds only for fixed windows,
    // which all begin at the same time.
    const isOwnReset = reset?.isAmbiguous === false || this.#windowKind.kind === 'fixed';
    // The smaller of two upper bounds: our requests at sending time and since, and those that this window can contain.
    const ownUsed = Math.min(
      request.ownAtSend + this.#sent - request.sequence,
      reset?.isCertain === true && isOwnReset
        ? 1 + this.#inFlight + this.#log.countSince(reset.earliest - this.#window)
        : Number.POSITIVE_INFINITY,
    );
    if (used > ownUsed) this.#sharedUntil = now + this.#window;
    this.#isShared = now < this.#sharedUntil;
    if (!this.#isShared) return;
    this.#windowKind.observe(reset?.serverTime, used, this.#certainOwn(request, now));
    const isWholeWindow = reset === undefined || this.#windowKind.kind === 'sliding';
    this.#policy.observe({
      now,
      limit: this.#usableLimit(),
      reserved: this.#reserved(),
      used,
      ownUsed,
      elapsed: isWholeWindow ? 1 : 1 - (this.#reset - now) / this.#window,
      latency: Math.max(1, now - request.at),
    });
  }

  /** Lower bound on our requests that arrived within one window before this one was answered, itself excluded. */
  #certainOwn(request: SendReceipt, now: number): number {
    return this.#log.size > COUNTABLE ? 0 : this.#log.countWithin(now - this.#window, request.at);
  }

  /** If the server does not report its limit, it is at least what remains plus what certainly was counted. */
  #learnLimit(request: SendReceipt, reading: BudgetReading): void {
    this.#reportedLimit = reading.limit ?? this.#reportedLimit;
    this.#learnedLimit = Math.max(this.#learnedLimit, reading.remaining + 1);
    const most = reading.remaining + 1 + this.#log.size;
    if (this.#reportedLimit !== undefined || most <= this.#learnedLimit || this.#log.size > COUNTABLE) return;
    if (reading.reset?.isCertain !== true) return;
    const own = this.#log.countWithin(reading.reset.latest - this.#window, request.at);
    this.#learnedLimit = Math.max(this.#learnedLimit, reading.remaining + 1 + own);
  }

  #fullLimit(): number {
    return this.#reportedLimit ?? this.#learnedLimit;
  }

  /** Requests of a window that are left to other clients; rounded down, so that a tiny limit is still usable. */
  #reserved(): number {
    return Math.floor(this.#fullLimit() * this.#reserve);
  }

  /** Requests of a window that clients like this one may make: the limit without the reserve, at least 1. */
  #usableLimit(): number {
    return Math.max(1, this.#fullLimit() - this.#reserved());
  }

  /** Requests left in this window without the reserve; not positive if there are none. */
  #available(): number {
    return (this.#left ?? 0) - this.#reserved();
  }

  #availableAt(now: number): number {
    return this.#available() + (now >= this.#reset ? 1 : 0);
  }

  /** Rule 1. */
  #ownCountReadyAt(now: number): number {
    const excess = this.#inFlight + this.#log.size - this.#usableLimit();
    if (excess < 0) return now;
    const freedAt = this.#log.answeredAt(excess);
    return freedAt === undefined ? AFTER_A_RESPONSE : freedAt + this.#window;
  }

  /** Rule 2. */
  #remainingReadyAt(now: number): number {
    if (this.#availableAt(now) > 0) return now;
    if (now < this.#reset && this.#availableAt(this.#reset) > 0) return this.#reset;
    // Other clients have used what is left, or the reserve. Probe again at the reset, but only once per window.
    if (this.#inFlight > 0) return AFTER_A_RESPONSE;
    return Math.max(this.#reset, this.#probedAt + this.#window, now);
  }

  /** Rule 3: milliseconds between two requests. */
  #spacing(now: number): number {
    const shortest = this.#window / this.#usableLimit();
    const available = this.#available();
    if (now >= this.#reset || available <= 0) return shortest;
    return Math.max(shortest, (this.#reset - Math.max(this.#lastDue, now - this.#window)) / (available + 1));
  }

  /** The time that the policy for shared budgets allows, in place of rules 2 and 3. */
  #sharedReadyAt(now: number): number {
    const { kind } = this.#windowKind;
    if (kind === 'fixed' && now >= this.#reset) this.#startFixedWindow(now);
    const available = this.#available();
    const isSliding = kind === 'sliding';
    const ready = this.#policy.readyAt(now, { available, isSliding, inFlight: this.#inFlight });
    if (kind === 'fixed') return Math.min(ready, this.#reset);
    // If it is not known how the server counts, one request at the reset finds out.
    const probes = !isSliding && available <= 0 && this.#inFlight === 0 && this.#policy.refusals === 0;
    return probes ? Math.min(ready, Math.max(now, this.#reset)) : ready;
  }

  /** A fixed window has ended: nothing of the current one is used yet, except by what is in flight. */
  #startFixedWindow(now: number): void {
    this.#left = this.#fullLimit() - this.#inFlight;
    const begin = now - ((now - this.#reset) % this.#window);
    this.#policy.beginWindow(begin, this.#usableLimit());
    this.#reset = begin + this.#window;
  }
}
