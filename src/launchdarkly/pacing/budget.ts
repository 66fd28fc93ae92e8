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
  /** How many of our requests had left the window when it was sent. */
  readonly dropped: number;
}

/** The ready time of a budget that can only change when a response arrives. */
export const AFTER_A_RESPONSE = Number.POSITIVE_INFINITY;

/**
 * One rate limit: how many requests may be sent in a window, minus the reserve that is left to other clients.
 *
 * The server's counter is only visible in the headers of responses, which are a round trip old. The server may count in
 * sliding windows (each request leaves one window after it arrived) or in fixed ones (all leave at the reset). Windows
 * are treated as sliding until fixed ones are proven, because that is safe for both.
 *
 * - Alone: requests are sent as early as the window allows. A request counts from the moment it is sent until one window
 *   after its response, because the server may have counted it at any time between the two. What others had used before
 *   our first request counts for one window. As in the slow start of TCP, each response allows one more request in
 *   flight, so that other clients are noticed before much is sent.
 * - Shared: if responses show more use than our own and earlier requests explain, other clients draw on the budget at
 *   the same time, and what is left is not all ours. `SharedBudgetPolicy` decides then.
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
  /** How many requests we may have sent in total, less those that have left the window, by the last response. */
  #credit = Number.POSITIVE_INFINITY;
  /** When the request behind the current reading was sent, and when its response came. */
  #readingSentAt = Number.NEGATIVE_INFINITY;
  #readingAt = Number.NEGATIVE_INFINITY;
  /** The budget counts as shared for one window after the last reading that showed other clients. */
  #sharedUntil = Number.NEGATIVE_INFINITY;
  #isShared = false;
  #peakNow = 0;
  #peakBefore = 0;
  #peakSeen = 0;
  #peakReset = 0;
  #lowestSinceIdle = Number.POSITIVE_INFINITY;
  /** How many requests were answered without rate headers since nothing was in flight. */
  #unreported = 0;
  /** The most requests in flight while we are alone: slow start. */
  #mostInFlight = 1;
  /** Upper bound on the requests that others had made before our first response, and until when they can count. */
  #earlier: number | undefined;
  #earlierUntil = Number.NEGATIVE_INFINITY;
  /** Whether the last reading proved that its reset is in the future. */
  #resetIsCertain = false;
  #resetIsAmbiguous = false;
  #hasPassedReset = false;
  /** When a request was last sent although nothing seemed to be left, to find out whether that is still so. */
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
    if (this.#isShared)
      return Math.max(
        this.#windowKind.kind === 'fixed' ? now : this.#ownCountReadyAt(now),
        this.#sharedReadyAt(now),
      );
    return this.#aloneReadyAt(now);
  }

  /** Counts a request that is sent now. Its receipt goes to `recordResponse`. */
  recordSent(now: number): SendReceipt {
    this.#log.forget(now - this.#window);
    if (this.#left !== undefined) {
      if (this.#available() <= 0 && this.#ownCountReadyAt(now) > now) this.#probedAt = now;
      const reusesSlot = this.#isShared && this.#policy.recordSent();
      // A slot that we freed in a sliding window was not part of what the last response reported as remaining.
      if (!reusesSlot || this.#windowKind.kind === 'fixed') this.#left -= 1;
    }
    this.#inFlight += 1;
    this.#sent += 1;
    const ownAtSend = this.#inFlight + this.#log.size;
    const { dropped } = this.#log;
    return { at: now, responsesBefore: this.#responses, sequence: this.#sent, ownAtSend, dropped };
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
    this.#mostInFlight = isRefusal ? 1 : this.#mostInFlight + 1;
    if (reading !== undefined) this.#takeReading(request, now, reading, responsesMeanwhile, isRefusal);
    else {
      if (!isRefusal) this.#unreported += 1;
      if (this.#isShared) this.#policy.observeWithoutHeaders(now, isRefusal ? 0 : 1);
    }
    this.#policy.recordResponse(request.at, now, isRefusal);
    if (!isRefusal) this.#log.add(request.at, now);
    if (this.#inFlight === 0) {
      // Nothing is in flight, so the lowest value reported since then includes all our requests and is safe to use.
      if (this.#left !== undefined && this.#lowestSinceIdle < Number.POSITIVE_INFINITY) {
        this.#left = Math.max(this.#left, this.#lowestSinceIdle - this.#unreported);
      }
      this.#unreported = 0;
      this.#lowestSinceIdle = Number.POSITIVE_INFINITY;
    }
  }

  #takeReading(
    request: SendReceipt,
    now: number,
    reading: BudgetReading,
    responsesMeanwhile: number,
    isRefusal: boolean,
  ): void {
    // Any request that was in flight together with this one may have been counted after this reading.
    const certain = reading.remaining - this.#inFlight - responsesMeanwhile;
    this.#lowestSinceIdle = Math.min(this.#lowestSinceIdle, reading.remaining);
    this.#learnLimit(request, now, reading);
    if (request.at >= this.#readingSentAt) {
      // At least one request has left the window since, so at least one is new.
      this.#hasPassedReset =
        this.#resetIsCertain &&
        !this.#resetIsAmbiguous &&
        request.at >= this.#reset &&
        this.#earlier !== undefined;
      // Without a reported reset, the next slot is free when our oldest request leaves the window.
      this.#reset = reading.reset?.latest ?? (this.#log.answeredAt(0) ?? now) + this.#window;
      this.#resetIsCertain = reading.reset?.isCertain === true;
      this.#resetIsAmbiguous = reading.reset?.isAmbiguous === true;
      this.#readingSentAt = request.at;
      this.#readingAt = now;
      this.#left = certain;
      this.#credit = reading.remaining - this.#reserved() + this.#sent - request.dropped;
      this.#detectSharing(request, now, reading, isRefusal);
    } else if (Math.abs((reading.reset?.latest ?? 0) - this.#reset) < 1 && this.#left !== undefined) {
      // The response to a later request overtook this one. If both are about the same window, both are lower bounds.
      this.#left = Math.max(this.#left, certain);
    }
  }

  /** Compares the use that the server reports with our own requests: the difference is that of other clients. */
  #detectSharing(request: SendReceipt, now: number, reading: BudgetReading, isRefusal: boolean): void {
    const { reset } = reading;
    const used = this.#fullLimit() - reading.remaining;
    const certainOwn = this.#certainOwn(request, now);
    this.#windowKind.observe(
      reset?.isCertain === true && !reset.isAmbiguous ? reset.serverTime : undefined,
      used,
      certainOwn,
    );
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
    const foreign = Math.max(0, used - certainOwn - (isRefusal ? 0 : 1));
    const isFirst = this.#earlier === undefined;
    if (isFirst) this.#earlierUntil = foreign > 0 ? now + this.#window : now;
    if (this.#hasPassedReset) this.#earlier = Math.max(0, (this.#earlier ?? 0) - 1);
    this.#earlier = now < this.#earlierUntil ? Math.min(foreign, this.#earlier ?? foreign) : 0;
    const others = this.#sharedUntil > now ? 0 : this.#earlier;
    if (used > ownUsed + others) this.#sharedUntil = now + this.#window;
    this.#isShared = now < this.#sharedUntil;
    if (!this.#isShared) return;
    this.#mostInFlight = 1;
    let foreignPeak = used - ownUsed;
    const isFixed = this.#windowKind.kind === 'fixed';
    if (this.#windowKind.kind !== 'sliding') {
      const rotates =
        isFixed && reset !== undefined
          ? this.#reset - this.#window > this.#peakReset + 1
          : now >= this.#peakReset + this.#window;
      if (rotates) {
        this.#peakBefore =
          now >= this.#peakReset + 3 * this.#window
            ? 0
            : Math.max(this.#peakNow, this.#peakBefore * (1 - this.#peakSeen));
        this.#peakNow = 0;
        this.#peakReset = isFixed && reset !== undefined ? this.#reset - this.#window : now;
      }
      this.#peakNow = Math.max(this.#peakNow, used - ownUsed);
      const begin = isFixed && reset !== undefined ? this.#reset - this.#window : this.#peakReset;
      const elapsed = Math.min(1, Math.max(0, (now - begin) / this.#window));
      this.#peakSeen = elapsed;
      foreignPeak = Math.min(
        Math.max(this.#peakNow, this.#peakBefore),
        this.#peakNow + this.#peakBefore * (1 - elapsed),
      );
    }
    const own = isFixed
      ? ownUsed + this.#policy.freed
      : this.#windowKind.kind !== 'sliding'
        ? request.ownAtSend + this.#sent - request.sequence
        : ownUsed;
    this.#policy.observe({
      now,
      limit: this.#usableLimit(),
      used: own + foreignPeak,
      ownUsed: own,
      sentAt: request.at,
    });
  }

  /** Lower bound on our requests that arrived within one window before this one was answered, itself excluded. */
  #certainOwn(request: SendReceipt, now: number): number {
    return this.#log.countWithin(now - this.#window, request.at);
  }

  /** If the server does not report its limit, it is at least what remains plus what certainly was counted. */
  #learnLimit(request: SendReceipt, now: number, reading: BudgetReading): void {
    this.#reportedLimit = reading.limit ?? this.#reportedLimit;
    this.#learnedLimit = Math.max(this.#learnedLimit, reading.remaining + 1);
    const most = reading.remaining + 1 + this.#log.size;
    if (this.#reportedLimit !== undefined || most <= this.#learnedLimit) return;
    const isSliding = this.#windowKind.kind === 'sliding';
    if (reading.reset?.isCertain !== true && !isSliding) return;
    const begin = isSliding ? now - this.#window : (reading.reset?.latest ?? now) - this.#window;
    const own = this.#log.countWithin(begin, request.at);
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

  /** When our own requests alone allow one more. */
  #ownCountReadyAt(now: number): number {
    const excess = this.#inFlight + this.#log.size - this.#usableLimit();
    if (excess < 0) return now;
    const freedAt = this.#log.answeredAt(excess);
    return freedAt === undefined ? AFTER_A_RESPONSE : freedAt + this.#window;
  }

  #aloneReadyAt(now: number): number {
    if (this.#inFlight >= this.#mostInFlight) return AFTER_A_RESPONSE;
    // What the last response left is ours, whatever the kind of window.
    if (this.#available() > 0) return now;
    const byOwnCount = this.#ownCountReadyAt(now);
    return Math.min(
      Math.max(byOwnCount, this.#creditReadyAt(now), this.#earlierUntil),
      this.#probeAt(now, byOwnCount),
    );
  }

  /** When the last response, and our requests that have left the window since, allow one more. */
  #creditReadyAt(now: number): number {
    const missing = this.#sent - this.#credit - this.#log.dropped;
    if (missing < 0) return now;
    const freedAt = this.#log.answeredAt(missing);
    return freedAt === undefined ? AFTER_A_RESPONSE : freedAt + this.#window;
  }

  /**
   * When to send one request although nothing seems to be left. At the reset, at least one request has left the window,
   * and the response shows how many others have.
   */
  #probeAt(now: number, byOwnCount: number): number {
    if (this.#inFlight > 0) return AFTER_A_RESPONSE;
    if (!this.#resetIsCertain) return Math.max(now, this.#reset, this.#probedAt + this.#window, byOwnCount);
    const isOwnReset = !this.#resetIsAmbiguous || this.#windowKind.kind === 'fixed';
    return Math.max(now, this.#reset, isOwnReset ? now : byOwnCount);
  }

  /** The time that the policy for shared budgets allows, in place of rules 2 and 3. */
  #sharedReadyAt(now: number): number {
    const { kind } = this.#windowKind;
    const isOver = kind === 'fixed' && now >= this.#reset;
    const available = isOver ? this.#usableLimit() : this.#available();
    return this.#policy.readyAt(now, {
      available,
      reset: kind === 'fixed' ? this.#reset : undefined,
      inFlight: this.#inFlight,
    });
  }
}
