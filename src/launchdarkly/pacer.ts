import { AFTER_AN_ANSWER, Budget, type ResetTime, type Sent } from './budget.js';
import type { RouteName } from './paths.js';
import type { RateHeaders, Reading } from './rate-headers.js';
import { narrow, type ClockOffset } from './server-clock.js';
import { UnmeteredPace } from './unmetered.js';

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
  readonly write: boolean;
}

/** What the pacer remembers of a request under way. */
export interface Ticket {
  readonly request: PacedRequest;
  readonly at: number;
  readonly parts: ReadonlyMap<Budget, Sent>;
}

/** When a request may go and what keeps it. */
export interface Readiness {
  /** Local epoch milliseconds, or `AFTER_AN_ANSWER`. */
  readonly at: number;
  readonly because: 'budget' | 'pause' | 'ceiling' | 'probe' | 'unmetered';
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
  readonly #routes = new Map<RouteName, { readonly budget: Budget; inFlight: number; answered: boolean }>();
  readonly #unmetered: UnmeteredPace;
  #offset: ClockOffset | undefined;
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #refusals = 0;
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
    // Nobody knows a route's budget before its first answer, so one request goes ahead to ask.
    if (!route.answered && route.inFlight > 0) return { at: AFTER_AN_ANSWER, because: 'probe' };
    let latest: Readiness = { at: this.#pausedUntil, because: 'pause' };
    const consider = (other: Readiness): void => {
      if (other.at > latest.at) latest = other;
    };
    consider({ at: this.#unmetered.readyAt(), because: 'unmetered' });
    if (request.write) consider({ at: this.#ceilingAt(), because: 'ceiling' });
    for (const budget of [this.#global, route.budget, this.#token]) {
      if (budget.known) consider({ at: budget.readyAt(now), because: 'budget', reset: budget.reset });
    }
    return latest;
  }

  sent(request: PacedRequest, now: number): Ticket {
    const route = this.#route(request.route);
    route.inFlight += 1;
    this.#unmetered.sent(now);
    if (request.write) this.#lastWrite = now;
    const parts = [this.#global, route.budget, this.#token].map(
      (budget) => [budget, budget.sent(now)] as const,
    );
    return { request, at: now, parts: new Map(parts) };
  }

  /**
   * Takes in an answer.
   * @param answer undefined where none came
   */
  answered(ticket: Ticket, now: number, answer: { status: number; headers: RateHeaders } | undefined): void {
    const route = this.#route(ticket.request.route);
    route.inFlight -= 1;
    route.answered ||= answer !== undefined;
    const headers = answer?.headers;
    if (headers?.date !== undefined) {
      this.#offset = narrow(this.#offset, { sent: ticket.at, received: now, date: headers.date });
    }
    const reading = (name: Reading['name']): Reading | undefined =>
      headers?.readings.find((candidate) => candidate.name === name);
    const refused = answer?.status === 429;
    this.#settle(this.#global, ticket, now, reading('global'), refused);
    this.#settle(route.budget, ticket, now, reading('route'), refused);
    this.#settle(this.#token, ticket, now, reading('token'), refused);
    this.#unmetered.answered(ticket.at, now);
    if (answer?.status === 429) this.#refused(ticket, answer.headers, now);
    else if (answer !== undefined) this.#refusals = 0;
  }

  #settle(budget: Budget, ticket: Ticket, now: number, reading: Reading | undefined, refused: boolean): void {
    const sent = ticket.parts.get(budget);
    if (sent === undefined) return;
    const observation = reading && {
      remaining: reading.remaining,
      limit: reading.limit,
      reset: this.#localReset(reading.reset, now),
    };
    budget.answered(sent, now, observation, refused);
  }

  /** A 429 is for everyone: whoever goes on knocking only makes it last longer. */
  #refused(ticket: Ticket, headers: RateHeaders, now: number): void {
    const told = headers.readings.length > 0;
    if (!told) this.#unmetered.refused(now);
    // Answers to what was sent before the pause began are no news.
    if (ticket.at >= this.#pausedUntil) this.#refusals += 1;
    const floor = Math.min(this.#window, SHORTEST_PAUSE * 2 ** Math.min(8, Math.max(0, this.#refusals - 1)));
    const spent = headers.readings.filter((reading) => reading.remaining === 0);
    const resets = (spent.length > 0 ? spent : headers.readings).map(
      (reading) => this.#localReset(reading.reset, now)?.latest ?? now + this.#window,
    );
    const until = Math.max(now + floor, now + (headers.retryAfter ?? 0), ...resets);
    this.#pausedUntil = Math.max(this.#pausedUntil, until + this.#options.random() * JITTER);
  }

  /** Resets of the past are seen in practice, and so are clocks that are minutes off. */
  #localReset(reset: number | undefined, now: number): ResetTime | undefined {
    if (reset === undefined) return undefined;
    const latest = reset - (this.#offset?.from ?? 0);
    if (latest > now + this.#window + IMPLAUSIBLE) return undefined;
    const earliest = reset - (this.#offset?.to ?? Number.POSITIVE_INFINITY);
    const within = (at: number): number => Math.min(Math.max(at, now), now + this.#window);
    return { latest: within(latest), earliest: within(earliest), isCertain: earliest > now, stamp: reset };
  }

  #ceilingAt(): number {
    const ceiling = this.#options.writesPerSecond;
    return ceiling === null ? Number.NEGATIVE_INFINITY : this.#lastWrite + 1000 / ceiling;
  }

  #route(name: RouteName): { readonly budget: Budget; inFlight: number; answered: boolean } {
    const known = this.#routes.get(name);
    if (known !== undefined) return known;
    const fresh = { budget: this.#newBudget(), inFlight: 0, answered: false };
    this.#routes.set(name, fresh);
    return fresh;
  }

  #newBudget(): Budget {
    return new Budget(this.#window, this.#options.reserve, this.#options.random);
  }
}
