import type { WindowKind } from './server-window.js';

/** One response, compared with our own requests. Numbers are requests in the current window. */
export interface UseComparison {
  /** Local epoch milliseconds. */
  readonly now: number;
  /** By all clients. */
  readonly used: number;
  /** Lower and upper bound on how many of `used` are our own. */
  readonly ownLeast: number;
  readonly ownMost: number;
  /** When the window began, if it is a fixed one with a known reset. */
  readonly begin: number | undefined;
}

/**
 * Finds out whether other clients send requests at the same time, and how many slots they occupy.
 *
 * What others had sent before our first response is no reason to share: it leaves within one window, and until then the
 * use of others must not grow.
 */
export class OtherClients {
  readonly #window: number;
  readonly #kind: WindowKind;
  /** Upper bound on the requests that others had made before our first response, and until when they can count. */
  #earlier: number | undefined;
  #earlierUntil = Number.NEGATIVE_INFINITY;
  /** They count as active for one window after the last response that showed them. */
  #activeUntil = Number.NEGATIVE_INFINITY;
  #isActive = false;
  #slots = 0;
  /** The highest use by others in this window and in the one before, and when this one began. */
  #current = 0;
  #previous = 0;
  #begin = Number.NEGATIVE_INFINITY;
  /** The share of this window that had elapsed at the last response. */
  #elapsed = 0;

  /** @param window milliseconds */
  constructor(window: number, kind: WindowKind) {
    this.#window = window;
    this.#kind = kind;
  }

  /** Whether other clients send requests at the same time, according to the last response. */
  get isActive(): boolean {
    return this.#isActive;
  }

  /** Until when requests that others had made before our first response may count, in local time. */
  get earlierUntil(): number {
    return this.#earlierUntil;
  }

  /** Estimate of the slots that active clients occupy. */
  get slots(): number {
    return this.#slots;
  }

  /** Records a response, which `WindowKind` must have observed before. */
  observe(comparison: UseComparison): void {
    const { now, used, ownLeast, ownMost } = comparison;
    const most = Math.max(0, used - ownLeast);
    if (this.#earlier === undefined) {
      this.#earlierUntil = most > 0 ? now + this.#window : now;
      this.#earlier = most;
    }
    this.#earlier = Math.min(most, this.#earlier);
    if (now >= this.#earlierUntil) this.#earlier = 0;
    const explained = this.#activeUntil > now ? 0 : this.#earlier;
    if (used > ownMost + explained) this.#activeUntil = now + this.#window;
    this.#isActive = now < this.#activeUntil;
    if (this.#isActive) this.#estimate(comparison);
  }

  /**
   * In a sliding window, the difference is what others occupy. A fixed window shows only what they have sent since its
   * beginning, so what they sent in the window before counts for the rest of it (a "sliding window counter").
   */
  #estimate({ now, used, ownMost, begin }: UseComparison): void {
    const others = used - ownMost;
    if (this.#kind.kind === 'sliding') {
      this.#slots = others;
      return;
    }
    const isNew = begin === undefined ? now >= this.#begin + this.#window : begin > this.#begin;
    if (isNew) {
      // If we saw only the first part of a window, others may have sent more in the rest of it.
      const unseen = this.#previous * (1 - this.#elapsed);
      this.#previous = Math.max(this.#current, unseen);
      this.#current = 0;
      this.#begin = begin ?? now;
    }
    this.#current = Math.max(this.#current, others);
    this.#elapsed = Math.min(1, Math.max(0, (now - (begin ?? this.#begin)) / this.#window));
    const sum = this.#current + this.#previous * (1 - this.#elapsed);
    this.#slots = Math.min(sum, Math.max(this.#current, this.#previous));
  }
}
