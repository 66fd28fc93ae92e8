import { OtherClients } from './other-clients.js';
import { SendLog } from './send-log.js';
import type { ResetTime } from './server-clock.js';
import { KnownLimit, WindowKind } from './server-window.js';
import { SharedBudgetPolicy } from './shared-budget-policy.js';

/** What a response reported about a budget, with its times in local time. */
export interface BudgetReading {
  readonly remaining: number;
  readonly limit: number | undefined;
  /** When the window resets, or undefined if that is not known. */
  readonly reset: ResetTime | undefined;
  /** Whether it may be the reset of another budget: the global and the route budget share one header. */
  readonly isAmbiguous: boolean;
}

/** Whether anything is left of a budget in its current window, according to the responses of that window. */
export type Outlook = 'left' | 'exhausted' | 'unknown';

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
  readonly #limit: KnownLimit;
  readonly #policy: SharedBudgetPolicy;
  readonly #windowKind: WindowKind;
  readonly #others: OtherClients;
  /** Our answered requests that may still be in the server's window. */
  readonly #log = new SendLog();
  #inFlight = 0;
  #responses = 0;
  #sent = 0;
  /** Requests that may still be sent before the reset, including the reserve; undefined before the first reading. */
  #left: number | undefined;
  #reset = 0;
  /** When the request behind the current reading was sent, and when its response came. */
  #readingSentAt = Number.NEGATIVE_INFINITY;
  #readingAt = Number.NEGATIVE_INFINITY;
  #lowestSinceIdle = Number.POSITIVE_INFINITY;
  /** How many requests were answered without rate headers since nothing was in flight. */
  #unreported = 0;
  /** The most requests in flight while we are alone: slow start. */
  #mostInFlight = 1;
  /** Whether the last reading proved that its reset is in the future. */
  #resetIsCertain = false;
  #resetIsAmbiguous = false;
  /** Whether a request was sent since the last reading although that reading left nothing. */
  #isOverdrawn = false;
  /** When a request was last sent although nothing seemed to be left, to find out whether that is still so. */
  #probedAt = Number.NEGATIVE_INFINITY;

  /**
   * @param window milliseconds
   * @param reserve the share of the limit, 0 to 1, that is left to other clients
   * @param random at least 0, below 1
   */
  constructor(window: number, reserve: number, random: () => number) {
    this.#window = window;
    this.#limit = new KnownLimit(reserve);
    this.#policy = new SharedBudgetPolicy(window, random);
    this.#windowKind = new WindowKind(window);
    this.#others = new OtherClients(window, this.#windowKind);
  }

  /** When the window resets in local time, according to the last reading. */
  get reset(): number {
    return this.#reset;
  }

  /** Whether any response has reported this budget. */
  get isKnown(): boolean {
    return this.#left !== undefined;
  }

  /** Whether requests are left: then this budget is not the reason for a 429 that arrives now. */
  outlook(now: number): Outlook {
    if (this.#left === undefined || now - this.#readingAt >= this.#window) return 'unknown';
    return this.#available() > 0 ? 'left' : 'exhausted';
  }

  /** The earliest local time at which one more request may be sent, or `AFTER_A_RESPONSE`. */
  readyAt(now: number): number {
    if (this.#left === undefined) return now;
    this.#log.forget(now - this.#window);
    if (this.#others.isActive)
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
      if (this.#available() <= 0) {
        this.#isOverdrawn = true;
        if (this.#freedReadyAt(now) > now) this.#probedAt = now;
      }
      const reusesSlot = this.#others.isActive && this.#policy.recordSent();
      // A slot that we freed in a sliding window was not part of what the last response reported as remaining.
      if (!reusesSlot || this.#windowKind.kind === 'fixed') this.#left -= 1;
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
    this.#mostInFlight = isRefusal ? 1 : this.#mostInFlight + 1;
    if (reading !== undefined) this.#takeReading(request, now, reading, responsesMeanwhile, isRefusal);
    else {
      if (!isRefusal) this.#unreported += 1;
      if (this.#others.isActive) this.#policy.observeWithoutHeaders(now, isRefusal ? 0 : 1);
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
      // Without a reported reset, the next slot is free when our oldest request leaves the window.
      this.#reset = reading.reset?.latest ?? (this.#log.answeredAt(0) ?? now) + this.#window;
      this.#resetIsCertain = reading.reset?.isCertain === true;
      this.#resetIsAmbiguous = reading.isAmbiguous;
      this.#readingSentAt = request.at;
      this.#readingAt = now;
      this.#left = certain;
      this.#isOverdrawn = false;
      this.#compareUse(request, now, reading, isRefusal);
    }
  }

  /** Compares the use that the server reports with our own requests: the difference is that of other clients. */
  #compareUse(
    request: SendReceipt,
    now: number,
    { remaining, reset, isAmbiguous }: BudgetReading,
    isRefusal: boolean,
  ): void {
    const used = this.#limit.full - remaining;
    const ownAnswered = this.#log.countWithin(now - this.#window, request.at);
    // A reset in the past says nothing about the window.
    const ownReset = reset !== undefined && reset.latest > now ? reset.serverTime : undefined;
    this.#windowKind.observe(ownReset, used, ownAnswered);
    const { kind } = this.#windowKind;
    // Our requests at sending time and since; and those that this window can contain, if its beginning is known. If the
    // reset may belong to another budget, that holds only for fixed windows, which all begin at the same time.
    const ownInTotal = request.ownAtSend + this.#sent - request.sequence;
    const isOwnReset = reset?.isCertain === true && (!isAmbiguous || kind === 'fixed');
    const ownMost = isOwnReset
      ? Math.min(ownInTotal, 1 + this.#inFlight + this.#log.countSince(reset.earliest - this.#window))
      : ownInTotal;
    this.#others.observe({
      now,
      used,
      ownLeast: ownAnswered + (isRefusal ? 0 : 1),
      ownMost,
      begin: kind === 'fixed' && reset !== undefined ? this.#reset - this.#window : undefined,
    });
    if (!this.#others.isActive) return;
    // In a fixed window, what we will send again counts, and what we sent in the window before does not.
    const own = { sliding: ownMost, fixed: ownMost + this.#policy.freed, unknown: ownInTotal };
    const ownUsed = own[kind ?? 'unknown'];
    const limit = this.#limit.usable;
    this.#policy.observe({ now, sentAt: request.at, limit, used: ownUsed + this.#others.slots, ownUsed });
  }

  /** If the server does not report its limit, it is at least what remains plus what certainly was counted. */
  #learnLimit(request: SendReceipt, now: number, { limit, remaining, reset }: BudgetReading): void {
    this.#limit.learn(limit, remaining + 1);
    if (this.#limit.isReported || reset?.isCertain !== true) return;
    const end = this.#windowKind.kind === 'sliding' ? now : reset.latest;
    this.#limit.learn(undefined, remaining + 1 + this.#log.countWithin(end - this.#window, request.at));
  }

  /** Requests left in this window without the reserve; not positive if there are none. */
  #available(): number {
    return (this.#left ?? 0) - this.#limit.reserved;
  }

  /** When our own requests alone allow one more. */
  #ownCountReadyAt(now: number): number {
    const excess = this.#inFlight + this.#log.size - this.#limit.usable;
    if (excess < 0) return now;
    const freedAt = this.#log.answeredAt(excess);
    return freedAt === undefined ? AFTER_A_RESPONSE : freedAt + this.#window;
  }

  #aloneReadyAt(now: number): number {
    if (this.#inFlight >= this.#mostInFlight) return AFTER_A_RESPONSE;
    // What the last response left is ours, whatever the kind of window.
    if (this.#available() > 0) return now;
    return Math.min(this.#freedReadyAt(now), this.#probeAt(now));
  }

  /**
   * When our requests that have left the window make room for one more. Before that, what earlier clients had used by the
   * last response may still count.
   */
  #freedReadyAt(now: number): number {
    return Math.max(this.#ownCountReadyAt(now), this.#others.earlierUntil);
  }

  /**
   * When to send one request although nothing seems to be left. At the reset, at least one request has left the window,
   * and the response shows how many others have.
   */
  #probeAt(now: number): number {
    if (this.#inFlight > 0) return AFTER_A_RESPONSE;
    const byOwnCount = this.#ownCountReadyAt(now);
    // A request that was sent in the meantime has used the slot that is free at the reset.
    if (!this.#resetIsCertain || this.#isOverdrawn)
      return Math.max(now, this.#reset, this.#probedAt + this.#window, byOwnCount);
    const isOwnReset = !this.#resetIsAmbiguous || this.#windowKind.kind === 'fixed';
    return Math.max(now, this.#reset, isOwnReset ? now : byOwnCount);
  }

  /** The time that the policy for shared budgets allows. */
  #sharedReadyAt(now: number): number {
    const { kind } = this.#windowKind;
    const isOver = kind === 'fixed' && now >= this.#reset;
    const available = isOver ? this.#limit.usable : this.#available();
    return this.#policy.readyAt(now, {
      available,
      reset: kind === 'fixed' ? this.#reset : undefined,
      nextSlotAt: this.#resetIsCertain && !this.#resetIsAmbiguous ? this.#reset : now,
      inFlight: this.#inFlight,
    });
  }
}
