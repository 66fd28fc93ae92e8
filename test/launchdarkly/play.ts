import { Pacer, type PacerOptions, type Ticket } from '../../src/launchdarkly/pacer.js';
import { readRateHeaders } from '../../src/launchdarkly/rate-headers.js';
import type { RateModel } from './rate-models.js';

export interface Play {
  readonly model: RateModel;
  /** Requests that have to get through. */
  readonly requests: number;
  readonly concurrency?: number;
  /** Clients with a pacer each, that share the work and know nothing of each other. */
  readonly clients?: number;
  /** Milliseconds to the server and back; drawn for each request. */
  readonly latency?: () => readonly [number, number];
  /** Milliseconds by which the server's clock is ahead. */
  readonly skew?: number;
  /** Which headers are sent. */
  readonly says?: {
    readonly limit?: boolean;
    readonly remaining?: boolean;
    readonly reset?: boolean;
    readonly date?: boolean;
  };
  readonly pacer?: Partial<PacerOptions>;
  /** Requests of other clients: server times, ascending. */
  readonly others?: readonly number[];
  /** Stops the play, milliseconds. */
  readonly most?: number;
}

export interface Played {
  /** Local time from the first request's sending to the last answer. */
  readonly elapsed: number;
  /** Server times of our requests that were let through. */
  readonly passed: readonly number[];
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
export function play(options: Play): Played {
  const { model, concurrency = 4, latency = () => [5, 5], skew = 0, says = {}, clients = 1 } = options;
  const random = options.pacer?.random ?? (() => 0.5);
  const events: Event[] = [];
  const schedule = (at: number, run: () => void): void => {
    const index = events.findLastIndex((event) => event.at <= at);
    events.splice(index + 1, 0, { at, run });
  };
  const passed: number[] = [];
  const refused: number[] = [];
  const sent: number[] = [];
  let othersRefused = 0;
  let waiting = options.requests;
  let unanswered = options.requests;
  let now = START;
  let lastAnswer = now;

  for (const at of options.others ?? []) {
    schedule(START + at, () => {
      if (!model.take(now + skew).allowed) othersRefused += 1;
    });
  }

  const client = (): { turn: () => number } => {
    const pacer = new Pacer({ reserve: 0, writesPerSecond: null, random, ...options.pacer });
    const request = { route: 'user setting', write: true } as const;
    let underWay = 0;
    const send = (): void => {
      const ticket: Ticket = pacer.sent(request, now);
      const [there, back] = latency();
      underWay += 1;
      waiting -= 1;
      sent.push(now);
      schedule(now + there, () => {
        const server = now + skew;
        const { allowed, remaining, reset } = model.take(server);
        (allowed ? passed : refused).push(server);
        const headers = new Map<string, string>();
        if (says.remaining !== false) headers.set('x-ratelimit-route-remaining', String(remaining));
        if (says.limit !== false) headers.set('x-ratelimit-route-limit', String(model.limit));
        if (says.reset !== false) headers.set('x-ratelimit-reset', String(Math.round(reset)));
        if (says.date !== false) headers.set('date', new Date(server).toUTCString());
        schedule(now + back, () => {
          pacer.answered(ticket, now, {
            status: allowed ? 204 : 429,
            headers: readRateHeaders(headers, now),
          });
          underWay -= 1;
          lastAnswer = now;
          if (allowed) unanswered -= 1;
          else waiting += 1;
        });
      });
    };
    return {
      turn: () => {
        for (;;) {
          if (waiting === 0 || underWay >= concurrency) return Number.POSITIVE_INFINITY;
          const { at } = pacer.readiness(request, now);
          if (at > now) return at;
          send();
        }
      },
    };
  };
  const all = Array.from({ length: clients }, client);

  for (;;) {
    if (unanswered === 0) break;
    const next = Math.min(...all.map(({ turn }) => turn()));
    const event = events[0];
    if (event === undefined && !Number.isFinite(next)) throw new Error('everybody waits for ever');
    if (event !== undefined && event.at <= next) {
      events.shift();
      now = Math.max(now, event.at);
      event.run();
    } else {
      now = next;
    }
    if (now - START > (options.most ?? 3_600_000))
      throw new Error(`still ${unanswered} after ${now - START} ms`);
  }
  return { elapsed: lastAnswer - START, passed, refused, othersRefused, sent };
}
