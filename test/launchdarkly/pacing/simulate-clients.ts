import { Pacer, type PacerOptions, type Reservation } from '../../../src/launchdarkly/pacing/pacer.js';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';
import type { RateModel } from './rate-models.js';

export interface ClientSimulation {
  /** What counts each route. */
  readonly model: RateModel;
  /** A second route with its own count: the requests go to both in turn. */
  readonly secondRoute?: RateModel;
  /** What counts all routes together. */
  readonly global?: RateModel;
  /** Requests that have to get through. */
  readonly requests: number;
  readonly concurrency?: number;
  /** Clients with a pacer each, that share the work and know nothing of each other. */
  readonly clients?: number;
  /** Requests of each client, where they do not share the work; `requests` is their sum. */
  readonly requestsBy?: readonly number[];
  /** Milliseconds between the start of one client and the next. */
  readonly stagger?: number;
  /** Milliseconds to the server and back; drawn for each request. */
  readonly latency?: () => readonly [number, number];
  /** Milliseconds by which the server's clock is ahead. */
  readonly skew?: number;
  /** Which headers are sent. */
  readonly sentHeaders?: {
    readonly route?: boolean;
    readonly limit?: boolean;
    readonly remaining?: boolean;
    readonly reset?: boolean;
    readonly date?: boolean;
  };
  /**
   * Which requests, counted from 0 as they arrive, get an answer without rate headers: the usual one, or a 429 that has
   * nothing to do with the model.
   */
  readonly withoutHeaders?: (index: number) => 'answer' | '429' | undefined;
  /** Whether a 429 of the model has no rate headers, although other answers have. */
  readonly refusalsWithoutHeaders?: boolean;
  /** Whether the global budget is in no header. */
  readonly hideGlobal?: boolean;
  readonly pacer?: Partial<PacerOptions>;
  /** Requests of other clients: server times, ascending. */
  readonly otherRequests?: readonly number[];
  /** Stops the play, milliseconds. */
  readonly maxDuration?: number;
}

export interface SimulationResult {
  /** Local time from the first request's sending to the last answer. */
  readonly elapsed: number;
  /** Server times of our requests that were let through. */
  readonly accepted: readonly number[];
  /** The same for each client. */
  readonly acceptedBy: readonly (readonly number[])[];
  /** Server times of our requests that were not. */
  readonly refused: readonly number[];
  /** Requests of others that were not let through. */
  readonly othersRefused: number;
  readonly sent: readonly number[];
}

interface Event {
  readonly at: number;
  readonly run: () => void;
}

const START = 1_700_000_000_000;

/** Plays clients against a server, without waiting: only the pacers decide when a request goes. */
export function simulateClients(options: ClientSimulation): SimulationResult {
  const { model, concurrency = 4, latency = () => [5, 5], skew = 0, sentHeaders = {}, clients = 1 } = options;
  const random = options.pacer?.random ?? (() => 0.5);
  const events: Event[] = [];
  const schedule = (at: number, run: () => void): void => {
    const index = events.findLastIndex((event) => event.at <= at);
    events.splice(index + 1, 0, { at, run });
  };
  const routes = [
    { route: 'user setting', model },
    ...(options.secondRoute ? [{ route: 'context setting', model: options.secondRoute } as const] : []),
  ] as const;
  const waitingOf = (requests: number): number[] =>
    routes.map((_, index) => Math.ceil((requests - index) / routes.length));
  const sharedWork = waitingOf(options.requests);
  const passed: number[] = [];
  const passedBy: number[][] = [];
  const refused: number[] = [];
  const sent: number[] = [];
  let othersRefused = 0;
  let arrived = 0;
  let unanswered = options.requests;
  let now = START;
  let lastAnswer = now;

  for (const at of options.otherRequests ?? []) {
    schedule(START + at, () => {
      if (!model.take(now + skew).allowed) othersRefused += 1;
    });
  }

  const client = (_: unknown, clientIndex: number): { turn: () => number } => {
    const pacer = new Pacer({ reserve: 0, writesPerSecond: null, random, ...options.pacer });
    const starts = START + clientIndex * (options.stagger ?? 0);
    const own: number[] = [];
    const requests = options.requestsBy?.[clientIndex];
    const waiting = requests === undefined ? sharedWork : waitingOf(requests);
    passedBy.push(own);
    let underWay = 0;
    const send = (index: number): void => {
      const { route, model: counted } = routes[index] ?? routes[0];
      const ticket: Reservation = pacer.recordSent({ route, isWrite: true }, now);
      const [there, back] = latency();
      underWay += 1;
      waiting[index] = (waiting[index] ?? 0) - 1;
      sent.push(now);
      schedule(now + there, () => {
        const server = now + skew;
        const bare = options.withoutHeaders?.(arrived);
        arrived += 1;
        const counts = bare !== '429';
        const all = counts ? options.global?.take(server) : undefined;
        const one = counts ? counted.take(server) : { allowed: false, remaining: 0, reset: 0 };
        const allowed = one.allowed && all?.allowed !== false;
        (allowed ? passed : refused).push(server);
        if (allowed) own.push(server);
        const isBare = bare !== undefined || (!allowed && options.refusalsWithoutHeaders === true);
        const headers = new Map<string, string>();
        const tell = (name: string, { remaining }: { remaining: number }, limit: number): void => {
          if (sentHeaders.remaining !== false)
            headers.set(`x-ratelimit-${name}-remaining`, String(remaining));
          if (sentHeaders.limit !== false) headers.set(`x-ratelimit-${name}-limit`, String(limit));
        };
        if (sentHeaders.route !== false && !isBare) tell('route', one, counted.limit);
        if (all && options.global && !isBare && options.hideGlobal !== true)
          tell('global', all, options.global.limit);
        // One header for both, of whichever is tighter.
        const { reset } = all && all.remaining < one.remaining ? all : one;
        if (sentHeaders.reset !== false && !isBare)
          headers.set('x-ratelimit-reset', String(Math.round(reset)));
        if (sentHeaders.date !== false) headers.set('date', new Date(server).toUTCString());
        schedule(now + back, () => {
          pacer.recordResponse(ticket, now, {
            status: allowed ? 204 : 429,
            headers: readRateHeaders(headers, now),
          });
          underWay -= 1;
          lastAnswer = now;
          if (allowed) unanswered -= 1;
          else waiting[index] = (waiting[index] ?? 0) + 1;
        });
      });
    };
    return {
      turn: () => {
        if (now < starts) return starts;
        for (;;) {
          if (underWay >= concurrency) return Number.POSITIVE_INFINITY;
          const ready = routes.map(({ route }, index) =>
            (waiting[index] ?? 0) > 0
              ? pacer.readiness({ route, isWrite: true }, now).at
              : Number.POSITIVE_INFINITY,
          );
          const next = Math.min(...ready);
          if (next > now) return next;
          const backlog = ready.map((at, index) => (at <= now ? (waiting[index] ?? 0) : 0));
          send(backlog.indexOf(Math.max(...backlog)));
        }
      },
    };
  };
  const everybody = Array.from({ length: clients }, client);

  for (;;) {
    if (unanswered === 0) break;
    const next = Math.min(...everybody.map(({ turn }) => turn()));
    const event = events[0];
    if (event === undefined && !Number.isFinite(next)) throw new Error('everybody waits for ever');
    if (event !== undefined && event.at <= next) {
      events.shift();
      now = Math.max(now, event.at);
      event.run();
    } else {
      now = next;
    }
    if (now - START > (options.maxDuration ?? 3_600_000))
      throw new Error(`still ${unanswered} after ${now - START} ms`);
  }
  return {
    elapsed: lastAnswer - START,
    accepted: passed,
    acceptedBy: passedBy,
    refused,
    othersRefused,
    sent,
  };
}
