import type { RateLimits } from './rate-limits.js';
import { SlidingWindow } from './sliding-window.js';

export interface BudgetDecision {
  readonly allowed: boolean;
  /** The headers that report to the client what is left of its budgets. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What is left of one budget. */
export interface BudgetState {
  readonly name: string;
  readonly limit: number;
  readonly remaining: number;
  /** Epoch milliseconds. */
  readonly reset: number;
}

/** The rate limits and what is used of them. A refused request uses nothing. */
export class Budgets {
  #limits: RateLimits;
  readonly #windows = new Map<string, SlidingWindow>();

  constructor(limits: RateLimits) {
    this.#limits = limits;
  }

  get limits(): RateLimits {
    return this.#limits;
  }

  /** Changes the limits. Requests already counted still count. */
  set limits(limits: RateLimits) {
    this.#limits = limits;
  }

  /**
   * Counts one request in every budget that it belongs to, if all of them allow it.
   * @param route method and path template
   * @param now epoch milliseconds
   */
  take(route: string, writes: boolean, tokenId: string, now: number): BudgetDecision {
    const global = this.#window('global', this.#limits.global);
    const perRoute = this.#window(`route ${route}`, writes ? this.#limits.route : this.#limits.reads);
    const token = this.#window(`token ${tokenId}`, this.#limits.token);
    const all = [global, perRoute, token].filter((window) => window !== undefined);
    const allowed = all.every((window) => window.remaining(now) > 0);
    if (allowed) for (const window of all) window.take(now);
    const shared = [global, perRoute].filter((window) => window !== undefined);
    const tightest = shared.toSorted((a, b) => a.remaining(now) - b.remaining(now))[0];
    return {
      allowed,
      headers: {
        ...counts('X-Ratelimit-Global', global, now),
        ...counts('X-Ratelimit-Route', perRoute, now),
        ...(tightest ? { 'X-Ratelimit-Reset': String(tightest.reset(now)) } : {}),
        ...counts('X-Ratelimit-Auth-Token', token, now),
        ...(token ? { 'X-Ratelimit-Auth-Token-Reset': String(token.reset(now)) } : {}),
      },
    };
  }

  state(now: number): readonly BudgetState[] {
    return [...this.#windows].map(([name, window]) => ({
      name,
      limit: window.limit,
      remaining: window.remaining(now),
      reset: window.reset(now),
    }));
  }

  #window(name: string, limit: number | undefined): SlidingWindow | undefined {
    if (limit === undefined) return undefined;
    const found = this.#windows.get(name);
    if (found) {
      found.limit = limit;
      return found;
    }
    const window = new SlidingWindow(limit);
    this.#windows.set(name, window);
    return window;
  }
}

function counts(name: string, window: SlidingWindow | undefined, now: number): Record<string, string> {
  if (!window) return {};
  return { [`${name}-Limit`]: String(window.limit), [`${name}-Remaining`]: String(window.remaining(now)) };
}
