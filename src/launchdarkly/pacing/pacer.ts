import { AFTER_A_RESPONSE, Budget, type Outlook, type ResetTime, type SendReceipt } from './budget.js';
import type { RouteName } from '../paths.js';
import type { RateHeaders, RateReading } from './rate-headers.js';
import { narrowClockOffset, type ClockOffset } from './server-clock.js';
import { UnmeteredPace } from './unmetered-pace.js';

/** LaunchDarkly's windows have 10 seconds ("Rate limiting" in its API document). */
export const WINDOW = 10_000;

/** A 429 pauses at least this long, milliseconds, whatever the headers say. */
const SHORTEST_PAUSE = 1000;

/** A reset that is this much beyond the window, milliseconds, is not one. */
const IMPLAUSIBLE = 1500;

/** Up to this much is added to each pause at random, so that several clients do not come back together. */
const JITTER = 1000;

export interface PacerOptions {
  /** The share of every budget, 0 to 1, that is left for the account's other clients; rounded down. */
  readonly reserve: number;
  /** A hard ceiling for writes, or null for none. */
  readonly writesPerSecond: number | null;
  /** At least 0, below 1. */
  readonly random: () => number;
  readonly window?: number;
}

export interface PacedRequest {
  readonly route: RouteName;
  readonly isWrite: boolean;
}

/** This many answers without rate headers mean that the server sends none; one may be a gateway's. */
const SILENT_ANSWERS = 2;

interface Route {
  readonly budget: Budget;
  inFlight: number;
  /** How many more answers without rate headers it takes for its budget to count as not limited. */
  unanswered: number;
}

/** What the pacer remembers of a request under way. */
export interface Reservation {
  readonly request: PacedRequest;
  readonly sentAt: number;
  readonly receipts: ReadonlyMap<Budget, SendReceipt>;
}

/** When a request may go and what keeps it. */
export interface Readiness {
  /** Local epoch milliseconds, or `AFTER_AN_ANSWER`. */
  readonly at: number;
  readonly reason: 'budget' | 'pause' | 'ceiling' | 'probe' | 'unmetered';
  /** When a budget resets, where that is what is waited for. */
  readonly reset?: number;
}

/**
 * When may a request go? Knows every budget of the run; has no clock, no timer and no queue of its own, so that
 * servers of every kind can be played against it.
 */
export class Pacer {
  readonly #options: PacerOptions;
  readonly #window: number;
  readonly #global: Budget;
  readonly #token: Budget;
  readonly #routes = new Map<RouteName, Route>();
  readonly #unmetered: UnmeteredPace;
  #offset: ClockOffset | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #refusals = 0;
  /** When a 429 last came for which no budget that we know of is the reason. */
  #unexplainedAt = Number.NEGATIVE_INFINITY;
  #lastWrite = Number.NEGATIVE_INFINITY;

  constructor(options: PacerOptions) {
    this.#options = options;
    this.#window = options.window ?? WINDOW;
    this.#global = this.#newBudget();
    this.#token = this.#newBudget();
    this.#unmetered = new UnmeteredPace(this.#window);
  }

  /** When the next request of this kind may go: now, later, or not before some answer has come in. */
  readiness(request: PacedRequest, now: number): Readiness {
    const route = this.#route(request.route);
    // A route's budget is unknown before an answer tells it, so one request goes ahead to ask.
    if (route.unanswered > 0 && route.inFlight > 0) return { at: AFTER_A_RESPONSE, reason: 'probe' };
    let latest: Readiness = { at: this.#pausedUntil, reason: 'pause' };
    const consider = (other: Readiness): void => {
      if (other.at <= latest.at) return;
      // A budget that is free a moment after the pause is not the reason.
      const isPaused = latest.reason === 'pause' && latest.at > now && other.at - latest.at < JITTER;
      latest = isPaused ? { ...latest, at: other.at } : other;
    };
    consider({ at: this.#unmetered.readyAt(), reason: 'unmetered' });
    if (request.isWrite) consider({ at: this.#ceilingAt(), reason: 'ceiling' });
    for (const budget of [this.#global, route.budget, this.#token]) {
      if (budget.isKnown) consider({ at: budget.readyAt(now), reason: 'budget', reset: budget.reset });
    }
    return latest;
  }

  recordSent(request: PacedRequest, now: number): Reservation {
    const route = this.#route(request.route);
    route.inFlight += 1;
    this.#unmetered.recordSent(now);
    if (request.isWrite) this.#lastWrite = now;
    const parts = [this.#global, route.budget, this.#token].map(
      (budget) => [budget, budget.recordSent(now)] as const,
    );
    return { request, sentAt: now, receipts: new Map(parts) };
  }

  /**
   * Takes in an answer.
   * @param answer undefined where none came
   */
  recordResponse(
    ticket: Reservation,
    now: number,
    answer: { status: number; headers: RateHeaders } | undefined,
  ): void {
    const route = this.#route(ticket.request.route);
    route.inFlight -= 1;
    const headers = answer?.headers;
    if (headers !== undefined) {
      route.unanswered = headers.readings.length > 0 ? 0 : Math.max(0, route.unanswered - 1);
    }
    if (headers?.date !== undefined) {
      this.#offset = narrowClockOffset(this.#offset, {
        sent: ticket.sentAt,
        received: now,
        date: headers.date,
      });
    }
    const reading = (name: RateReading['name']): RateReading | undefined =>
      headers?.readings.find((candidate) => candidate.name === name);
    const refused = answer?.status === 429;
    const isAmbiguous = reading('global') !== undefined && reading('route') !== undefined;
    this.#settle(this.#global, ticket, now, reading('global'), { refused, isAmbiguous });
    this.#settle(route.budget, ticket, now, reading('route'), { refused, isAmbiguous });
    this.#settle(this.#token, ticket, now, reading('token'), { refused, isAmbiguous: false });
    this.#unmetered.recordResponse(ticket.sentAt, now);
    if (answer?.status === 429) this.#refused(ticket, answer.headers, now);
    else if (answer !== undefined) {
      this.#refusals = 0;
      if (this.#outlook(ticket, now) === 'plenty') this.#unmetered.lift();
    }
  }

  #settle(
    budget: Budget,
    ticket: Reservation,
    now: number,
    reading: RateReading | undefined,
    { refused, isAmbiguous }: { readonly refused: boolean; readonly isAmbiguous: boolean },
  ): void {
    const sent = ticket.receipts.get(budget);
    if (sent === undefined) return;
    const reset = this.#localReset(reading?.reset, now);
    const observation = reading && {
      remaining: reading.remaining,
      limit: reading.limit,
      reset: reset && { ...reset, isAmbiguous },
    };
    budget.recordResponse(sent, now, observation, refused);
  }

  /** A 429 pauses every request: sending more would only prolong it. */
  #refused(ticket: Reservation, headers: RateHeaders, now: number): void {
    // Answers to requests that were sent before the pause began say nothing new.
    const isNew = ticket.sentAt >= this.#pausedUntil;
    if (isNew) this.#refusals += 1;
    const floor = Math.min(this.#window, SHORTEST_PAUSE * 2 ** Math.min(8, Math.max(0, this.#refusals - 1)));
    const spent = headers.readings.filter((reading) => reading.remaining === 0);
    const resets =
      spent.length > 0
        ? spent.map((reading) => this.#localReset(reading.reset, now)?.latest ?? now + this.#window)
        : [this.#unexplained(ticket, headers, now, isNew)];
    const until = Math.max(now + floor, now + (headers.retryAfter ?? 0), ...resets);
    this.#pausedUntil = Math.max(this.#pausedUntil, until + this.#options.random() * JITTER);
  }

  /**
   * Handles a 429 whose headers show no budget that is used up.
   *
   * If other answers of the current window show a budget with little left, that is the reason. If they show plenty, a
   * single 429 is an accident (an edge server, a limit by address) and costs a moment; a second one within a window is a
   * limit of its own. If nothing is known, the limit is assumed to be ours for a window from our oldest request on. In the
   * last two cases the pace for servers without rate headers is lowered.
   * @returns until when to pause, as far as budgets tell
   */
  #unexplained(ticket: Reservation, headers: RateHeaders, now: number, isNew: boolean): number {
    const outlook = this.#outlook(ticket, now);
    if (outlook === 'scarce') {
      return Math.max(
        ...[...ticket.receipts.keys()].map((budget) =>
          budget.outlook(now) === 'scarce' ? budget.reset : now,
        ),
      );
    }
    if (!isNew) return now;
    const isAccident = outlook === 'plenty' && now - this.#unexplainedAt > this.#window;
    this.#unexplainedAt = now;
    if (isAccident) return now;
    this.#unmetered.recordRefusal(now, outlook === 'plenty');
    return headers.retryAfter === undefined ? this.#unmetered.freeAt(now) : now;
  }

  /** What the budgets of a request have left in their current windows, by what other answers say. */
  #outlook(ticket: Reservation, now: number): Outlook {
    const outlooks = new Set([...ticket.receipts.keys()].map((budget) => budget.outlook(now)));
    if (outlooks.has('scarce')) return 'scarce';
    return outlooks.has('plenty') ? 'plenty' : 'unknown';
  }

  /** Resets of the past are seen in practice, and so are clocks that are minutes off. */
  #localReset(reset: number | undefined, now: number): Omit<ResetTime, 'isAmbiguous'> | undefined {
    if (reset === undefined) return undefined;
    const latest = reset - (this.#offset?.min ?? 0);
    if (latest > now + this.#window + IMPLAUSIBLE) return undefined;
    const earliest = reset - (this.#offset?.max ?? Number.POSITIVE_INFINITY);
    const within = (at: number): number => Math.min(Math.max(at, now), now + this.#window);
    return {
      latest: within(latest),
      earliest: within(earliest),
      isCertain: earliest > now,
      serverTime: reset,
    };
  }

  #ceilingAt(): number {
    const ceiling = this.#options.writesPerSecond;
    return ceiling === null ? Number.NEGATIVE_INFINITY : this.#lastWrite + 1000 / ceiling;
  }

  #route(name: RouteName): Route {
    const known = this.#routes.get(name);
    if (known !== undefined) return known;
    const fresh = { budget: this.#newBudget(), inFlight: 0, unanswered: SILENT_ANSWERS };
    this.#routes.set(name, fresh);
    return fresh;
  }

  #newBudget(): Budget {
    return new Budget(this.#window, this.#options.reserve, this.#options.random);
  }
}
