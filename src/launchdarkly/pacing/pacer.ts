import { AFTER_A_RESPONSE, Budget, type Outlook, type SendReceipt } from './budget.js';
import type { RouteName } from '../paths.js';
import type { RateHeaders, RateReading } from './rate-headers.js';
import { ServerClock } from './server-clock.js';
import { UnmeteredPace } from './unmetered-pace.js';

/** LaunchDarkly counts requests in windows of 10 seconds ("Rate limiting" in its API document). */
export const WINDOW = 10_000;

/** A 429 pauses for at least this long, in milliseconds, whatever the headers say. */
const SHORTEST_PAUSE = 1000;

/** Up to this many milliseconds are added to each pause at random, so that several clients do not resume together. */
const JITTER = 1000;

export interface PacerOptions {
  /** The share of every budget, 0 to 1, that is left to the account's other clients; rounded down to whole requests. */
  readonly reserve: number;
  /** A hard ceiling for writes, or null for none. */
  readonly writesPerSecond: number | null;
  /** At least 0, below 1. */
  readonly random: () => number;
  /** Milliseconds; `WINDOW` by default. */
  readonly window?: number;
}

export interface PacedRequest {
  readonly route: RouteName;
  readonly isWrite: boolean;
}

/**
 * After this many responses without rate headers, the server is assumed to send none; a single one may be a gateway's.
 */
const SILENT_RESPONSES = 2;

interface RouteState {
  readonly budget: Budget;
  inFlight: number;
  /** How many more responses without rate headers it takes until the route counts as unlimited; 0 if it is known. */
  probesLeft: number;
}

/** A request in flight, with what each of its budgets needs when the response comes. */
export interface Reservation {
  readonly request: PacedRequest;
  readonly sentAt: number;
  readonly receipts: ReadonlyMap<Budget, SendReceipt>;
}

/** When a request may be sent, and what it waits for. */
export interface Readiness {
  /** Local epoch milliseconds, or `AFTER_A_RESPONSE`. */
  readonly at: number;
  readonly reason: 'budget' | 'pause' | 'ceiling' | 'probe' | 'unmetered';
  /** When the budget resets, if `reason` is `budget`. */
  readonly reset?: number;
}

/**
 * Decides when a request may be sent, from the response headers alone.
 *
 * LaunchDarkly limits the requests of a *window* of ten seconds. Each limit is a *budget*, and one request uses up to
 * three: the account's (global), the route's and the token's. No limit is published; responses report how much of each
 * budget remains, and sometimes its limit and when its window resets. So the pacer learns:
 *
 * - On a new route, one request is sent first as a probe. The others wait for its response.
 * - `Budget` applies one limit, minus the configured *reserve* that is left to other clients. A request waits for the
 *   slowest of its budgets.
 * - If a response shows more use than our own requests explain, other clients share the budget. From each such
 *   *observation*, `SharedBudgetPolicy` takes a fair part of what is left.
 * - A 429 pauses all requests until the reset, or as long as `Retry-After` says, plus jitter.
 * - 429s without headers that explain them lower the `UnmeteredPace`.
 *
 * It is a pure model without a clock, a timer or a queue: the gate asks it and reports to it. Tests can therefore
 * simulate servers of every kind against it. All times are local epoch milliseconds.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #window: number;
  readonly #global: Budget;
  readonly #token: Budget;
  readonly #routes = new Map<RouteName, RouteState>();
  readonly #unmetered: UnmeteredPace;
  readonly #serverClock: ServerClock;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  /** 429s in a row, counting those that arrive during one pause once. */
  #refusals = 0;
  /** When the last 429 came that no known budget explains. */
  #unexplainedAt = Number.NEGATIVE_INFINITY;
  #lastWriteAt = Number.NEGATIVE_INFINITY;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#window = options.window ?? WINDOW;
    this.#global = this.#newBudget();
    this.#token = this.#newBudget();
    this.#unmetered = new UnmeteredPace(this.#window);
    this.#serverClock = new ServerClock(this.#window);
  }

  /** When the next request of this kind may be sent: now, later, or only after a response. */
  readiness(request: PacedRequest, now: number): Readiness {
    const route = this.#routeState(request.route);
    // The budget of a route is unknown until a response reports it, so one request is sent first.
    if (route.probesLeft > 0 && route.inFlight > 0) return { at: AFTER_A_RESPONSE, reason: 'probe' };
    let latest: Readiness = { at: this.#pausedUntil, reason: 'pause' };
    const consider = (other: Readiness): void => {
      if (other.at <= latest.at) return;
      // If a budget is ready only a moment after the pause, the pause is what the user should hear about.
      const isPaused = latest.reason === 'pause' && latest.at > now && other.at - latest.at < JITTER;
      latest = isPaused ? { ...latest, at: other.at } : other;
    };
    consider({ at: this.#unmetered.readyAt(), reason: 'unmetered' });
    if (request.isWrite) consider({ at: this.#writeCeilingAt(), reason: 'ceiling' });
    for (const budget of [this.#global, route.budget, this.#token]) {
      if (budget.isKnown) consider({ at: budget.readyAt(now), reason: 'budget', reset: budget.reset });
    }
    return latest;
  }

  /** Counts a request that is sent now. Its reservation goes to `recordResponse`. */
  recordSent(request: PacedRequest, now: number): Reservation {
    const route = this.#routeState(request.route);
    route.inFlight += 1;
    this.#unmetered.recordSent(now);
    if (request.isWrite) this.#lastWriteAt = now;
    const receipts = [this.#global, route.budget, this.#token].map(
      (budget) => [budget, budget.recordSent(now)] as const,
    );
    return { request, sentAt: now, receipts: new Map(receipts) };
  }

  /**
   * Records the response to a request.
   * @param response undefined if none came
   */
  recordResponse(
    reservation: Reservation,
    now: number,
    response: { status: number; headers: RateHeaders } | undefined,
  ): void {
    const route = this.#routeState(reservation.request.route);
    route.inFlight -= 1;
    const headers = response?.headers;
    if (headers !== undefined) {
      route.probesLeft = headers.readings.length > 0 ? 0 : Math.max(0, route.probesLeft - 1);
    }
    if (headers?.date !== undefined) this.#serverClock.observe(headers.date, reservation.sentAt, now);
    const reading = (name: RateReading['name']): RateReading | undefined =>
      headers?.readings.find((candidate) => candidate.name === name);
    const isRefusal = response?.status === 429;
    const isAmbiguous = reading('global') !== undefined && reading('route') !== undefined;
    this.#updateBudget(this.#global, reservation, now, reading('global'), { isRefusal, isAmbiguous });
    this.#updateBudget(route.budget, reservation, now, reading('route'), { isRefusal, isAmbiguous });
    this.#updateBudget(this.#token, reservation, now, reading('token'), { isRefusal, isAmbiguous: false });
    this.#unmetered.recordResponse(reservation.sentAt, now);
    if (response?.status === 429) this.#pause(reservation, response.headers, now);
    else if (response !== undefined) {
      this.#refusals = 0;
      if (this.#outlook(reservation, now) === 'left') this.#unmetered.lift();
    }
  }

  #updateBudget(
    budget: Budget,
    reservation: Reservation,
    now: number,
    reading: RateReading | undefined,
    { isRefusal, isAmbiguous }: { readonly isRefusal: boolean; readonly isAmbiguous: boolean },
  ): void {
    const receipt = reservation.receipts.get(budget);
    if (receipt === undefined) return;
    const localReading = reading && {
      remaining: reading.remaining,
      limit: reading.limit,
      reset: this.#serverClock.localReset(reading.reset, now),
      isAmbiguous,
    };
    budget.recordResponse(receipt, now, localReading, isRefusal);
  }

  /** Pauses every request after a 429: sending more would only prolong the limit. */
  #pause(reservation: Reservation, headers: RateHeaders, now: number): void {
    // A response to a request that was sent before the pause began says nothing new.
    const isNew = reservation.sentAt >= this.#pausedUntil;
    if (isNew) this.#refusals += 1;
    const shortest = Math.min(this.#window, SHORTEST_PAUSE * 2 ** Math.max(0, this.#refusals - 1));
    const exhausted = headers.readings.filter((reading) => reading.remaining === 0);
    const resets =
      exhausted.length > 0
        ? exhausted.map(
            (reading) => this.#serverClock.localReset(reading.reset, now)?.latest ?? now + this.#window,
          )
        : [this.#unexplainedPause(reservation, headers, now, isNew)];
    const until = Math.max(now + shortest, now + (headers.retryAfter ?? 0), ...resets);
    this.#pausedUntil = Math.max(this.#pausedUntil, until + this.#options.random() * JITTER);
  }

  /**
   * Handles a 429 whose headers show no exhausted budget.
   *
   * If other responses of the current window report a budget with nothing left, that budget is the reason. If they
   * report requests left, a single 429 is treated as an accident (an edge server, a limit by address) and costs a moment; a
   * second one within a window shows a limit that no header reports. If nothing is known, the limit is assumed to last
   * until our oldest request leaves the window. In the last two cases `UnmeteredPace` is lowered.
   * @returns until when to pause, as far as budgets are concerned
   */
  #unexplainedPause(reservation: Reservation, headers: RateHeaders, now: number, isNew: boolean): number {
    const outlook = this.#outlook(reservation, now);
    if (outlook === 'exhausted') {
      return Math.max(
        ...[...reservation.receipts.keys()].map((budget) =>
          budget.outlook(now) === 'exhausted' ? budget.reset : now,
        ),
      );
    }
    if (!isNew) return now;
    const isAccident = outlook === 'left' && now - this.#unexplainedAt > this.#window;
    this.#unexplainedAt = now;
    if (isAccident) return now;
    this.#unmetered.recordRefusal(now, outlook === 'left');
    return headers.retryAfter === undefined ? this.#unmetered.freeAt(now) : now;
  }

  /** How much the budgets of a request have left in their current windows, according to other responses. */
  #outlook(reservation: Reservation, now: number): Outlook {
    const outlooks = new Set([...reservation.receipts.keys()].map((budget) => budget.outlook(now)));
    if (outlooks.has('exhausted')) return 'exhausted';
    return outlooks.has('left') ? 'left' : 'unknown';
  }

  #writeCeilingAt(): number {
    const ceiling = this.#options.writesPerSecond;
    return ceiling === null ? Number.NEGATIVE_INFINITY : this.#lastWriteAt + 1000 / ceiling;
  }

  #routeState(name: RouteName): RouteState {
    const known = this.#routes.get(name);
    if (known !== undefined) return known;
    const created = { budget: this.#newBudget(), inFlight: 0, probesLeft: SILENT_RESPONSES };
    this.#routes.set(name, created);
    return created;
  }

  #newBudget(): Budget {
    return new Budget(this.#window, this.#options.reserve, this.#options.random);
  }
}
