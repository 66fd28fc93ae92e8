import { Pacer, type PacerOptions, type Reservation } from '../../../src/launchdarkly/pacing/pacer.js';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';
import type { RateModel } from './rate-models.js';

export interface ClientSimulation {
  /** How the server counts the requests of the route. */
  readonly model: RateModel;
  /** A second route with its own count. Half of the requests go to it. */
  readonly secondRoute?: RateModel;
  /** How the server counts the requests of all routes together. */
  readonly global?: RateModel;
  /** How many requests have to be accepted. */
  readonly requests: number;
  readonly concurrency?: number;
  /** How many clients share the requests. Each has its own pacer, and they do not communicate. */
  readonly clients?: number;
  /** The requests of each client, if they do not share them; `requests` is the sum. */
  readonly requestsBy?: readonly number[];
  /** Milliseconds between the start of one client and the next. */
  readonly stagger?: number;
  /** Milliseconds to the server and back, for each request. */
  readonly latency?: () => readonly [number, number];
  /** Milliseconds by which the server's clock is ahead. */
  readonly skew?: number;
  /** Which headers the server sends; all by default. */
  readonly sentHeaders?: {
    readonly route?: boolean;
    readonly limit?: boolean;
    readonly remaining?: boolean;
    readonly reset?: boolean;
    readonly date?: boolean;
  };
  /**
   * Which requests, counted from 0 as they arrive, get a response without rate headers: the normal one, or a 429 that is
   * independent of the model.
   */
  readonly withoutHeaders?: (index: number) => 'normal' | '429' | undefined;
  /** Whether the 429s of the model have no rate headers, although other responses have them. */
  readonly refusalsWithoutHeaders?: boolean;
  /** Whether the headers leave out the global budget. */
  readonly hideGlobal?: boolean;
  readonly pacer?: Partial<PacerOptions>;
  /** When other clients send requests, in server time since the start, ascending. */
  readonly otherRequests?: readonly number[];
  /** Fails the simulation if it takes longer, in simulated milliseconds. */
  readonly maxDuration?: number;
}

export interface SimulationResult {
  /** Local time from sending the first request to the last response. */
  readonly elapsed: number;
  /** Server times of our accepted requests. */
  readonly accepted: readonly number[];
  /** The same for each client. */
  readonly acceptedBy: readonly (readonly number[])[];
  /** The answered requests of each client, in the order of their answers, in local time. */
  readonly exchangesBy: readonly (readonly Exchange[])[];
  /** Server times of our refused requests. */
  readonly refused: readonly number[];
  /** How many requests of other clients were refused. */
  readonly othersRefused: number;
  /** Local times of all our requests. */
  readonly sent: readonly number[];
}

export interface Exchange {
  readonly sentAt: number;
  readonly answeredAt: number;
  readonly isRefusal: boolean;
}

interface Event {
  readonly at: number;
  readonly run: () => void;
}

const START = 1_700_000_000_000;

/** Simulates clients and a server without waiting. The pacers alone decide when a request is sent. */
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
  const splitByRoute = (requests: number): number[] =>
    routes.map((_, index) => Math.ceil((requests - index) / routes.length));
  const sharedRequests = splitByRoute(options.requests);
  const accepted: number[] = [];
  const acceptedBy: number[][] = [];
  const exchangesBy: Exchange[][] = [];
  const refused: number[] = [];
  const sent: number[] = [];
  let othersRefused = 0;
  let arrived = 0;
  let unfinished = options.requests;
  let now = START;
  let lastResponseAt = now;

  for (const at of options.otherRequests ?? []) {
    schedule(START + at, () => {
      if (!model.take(now + skew).allowed) othersRefused += 1;
    });
  }

  const client = (_: unknown, clientIndex: number): { sendReady: () => number } => {
    const pacer = new Pacer({ reserve: 0, writesPerSecond: null, random, ...options.pacer });
    const starts = START + clientIndex * (options.stagger ?? 0);
    const own: number[] = [];
    const requests = options.requestsBy?.[clientIndex];
    const waiting = requests === undefined ? sharedRequests : splitByRoute(requests);
    const exchanges: Exchange[] = [];
    acceptedBy.push(own);
    exchangesBy.push(exchanges);
    let inFlight = 0;
    const send = (index: number): void => {
      const { route, model: counted } = routes[index] ?? routes[0];
      const reservation: Reservation = pacer.recordSent({ route, isWrite: true }, now);
      const [there, back] = latency();
      inFlight += 1;
      waiting[index] = (waiting[index] ?? 0) - 1;
      const sentAt = now;
      sent.push(now);
      schedule(now + there, () => {
        const server = now + skew;
        const withoutHeaders = options.withoutHeaders?.(arrived);
        arrived += 1;
        const counts = withoutHeaders !== '429';
        const all = counts ? options.global?.take(server) : undefined;
        const one = counts ? counted.take(server) : { allowed: false, remaining: 0, reset: 0 };
        const allowed = one.allowed && all?.allowed !== false;
        (allowed ? accepted : refused).push(server);
        if (allowed) own.push(server);
        const hasNoHeaders =
          withoutHeaders !== undefined || (!allowed && options.refusalsWithoutHeaders === true);
        const headers = new Map<string, string>();
        const addHeaders = (name: string, { remaining }: { remaining: number }, limit: number): void => {
          if (sentHeaders.remaining !== false)
            headers.set(`x-ratelimit-${name}-remaining`, String(remaining));
          if (sentHeaders.limit !== false) headers.set(`x-ratelimit-${name}-limit`, String(limit));
        };
        if (sentHeaders.route !== false && !hasNoHeaders) addHeaders('route', one, counted.limit);
        if (all && options.global && !hasNoHeaders && options.hideGlobal !== true)
          addHeaders('global', all, options.global.limit);
        // The two budgets share one reset header: that of the tighter one.
        const { reset } = all && all.remaining < one.remaining ? all : one;
        if (sentHeaders.reset !== false && !hasNoHeaders)
          headers.set('x-ratelimit-reset', String(Math.round(reset)));
        if (sentHeaders.date !== false) headers.set('date', new Date(server).toUTCString());
        schedule(now + back, () => {
          pacer.recordResponse(reservation, now, {
            status: allowed ? 204 : 429,
            headers: readRateHeaders(headers, now),
          });
          exchanges.push({ sentAt, answeredAt: now, isRefusal: !allowed });
          inFlight -= 1;
          lastResponseAt = now;
          if (allowed) unfinished -= 1;
          else waiting[index] = (waiting[index] ?? 0) + 1;
        });
      });
    };
    return {
      sendReady: () => {
        if (now < starts) return starts;
        for (;;) {
          if (inFlight >= concurrency) return Number.POSITIVE_INFINITY;
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
  const allClients = Array.from({ length: clients }, client);

  for (;;) {
    if (unfinished === 0) break;
    const next = Math.min(...allClients.map(({ sendReady }) => sendReady()));
    const event = events[0];
    if (event === undefined && !Number.isFinite(next)) throw new Error('all clients wait forever');
    if (event !== undefined && event.at <= next) {
      events.shift();
      now = Math.max(now, event.at);
      event.run();
    } else {
      now = next;
    }
    if (now - START > (options.maxDuration ?? 3_600_000))
      throw new Error(`${unfinished} requests left after ${now - START} ms`);
  }
  return {
    elapsed: lastResponseAt - START,
    accepted,
    acceptedBy,
    exchangesBy,
    refused,
    othersRefused,
    sent,
  };
}
