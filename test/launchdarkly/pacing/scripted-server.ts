import {
  Pacer,
  type PacerOptions,
  type Reservation,
  WINDOW,
} from '../../../src/launchdarkly/pacing/pacer.js';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';

/** One response of a server that follows a script whatever the request is. Times are milliseconds after sending it. */
export interface ScriptedResponse {
  readonly status: number;
  /** Headers without times, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the window resets; undefined if the response does not report it. */
  readonly reset?: number | undefined;
  /** How far the server's clock is ahead; undefined if it sends no `Date`. */
  readonly ahead?: number | undefined;
}

/** A request that was sent, in local times, with its response. */
export interface SentRequest {
  readonly at: number;
  answeredAt: number;
  response: ScriptedResponse | undefined;
  /** The latest request whose response had arrived when this one was sent. */
  readonly lastAnswered: SentRequest | undefined;
}

export interface ScriptedRun {
  readonly concurrency?: number;
  /** Milliseconds to the server, and the same back. */
  readonly latency?: number;
  readonly requests: number;
  readonly pacer?: Partial<PacerOptions>;
}

const START = 1_700_000_000_000;

/** Runs one pacer against a script, which is repeated as needed. Returns all requests in the order of sending. */
export function runAgainstScript(
  script: readonly ScriptedResponse[],
  options: ScriptedRun,
): readonly SentRequest[] {
  const { concurrency = 4, latency = 20 } = options;
  const pacer = new Pacer({ reserve: 0, writesPerSecond: null, random: () => 0.5, ...options.pacer });
  const request = { route: 'user setting', isWrite: true } as const;
  const sent: SentRequest[] = [];
  const inFlight: { readonly reservation: Reservation; readonly entry: SentRequest }[] = [];
  let now = START;
  for (let steps = 0; sent.length < options.requests || inFlight.length > 0; steps += 1) {
    if (steps > 100 * options.requests) throw new Error('the pacer makes no progress');
    const maySend = sent.length < options.requests && inFlight.length < concurrency;
    const ready = maySend ? pacer.readiness(request, now).at : Number.POSITIVE_INFINITY;
    const [next] = inFlight;
    const responseAt = next === undefined ? Number.POSITIVE_INFINITY : next.entry.at + 2 * latency;
    const nextAt = Math.min(ready, responseAt);
    if (nextAt === Number.POSITIVE_INFINITY)
      throw new Error('the pacer waits for a response, but none is in flight');
    if (nextAt > now) {
      now = nextAt;
    } else if (next !== undefined && responseAt <= ready) {
      inFlight.shift();
      next.entry.answeredAt = now;
      const { response } = next.entry;
      if (response === undefined) throw new Error('the script is empty');
      const headers = readRateHeaders(headersOf(response, now - latency), now);
      pacer.recordResponse(next.reservation, now, { status: response.status, headers });
    } else {
      const entry: SentRequest = {
        lastAnswered: sent.findLast(({ answeredAt }) => Number.isFinite(answeredAt)),
        at: now,
        answeredAt: Number.POSITIVE_INFINITY,
        response: script[sent.length % script.length],
      };
      sent.push(entry);
      inFlight.push({ reservation: pacer.recordSent(request, now), entry });
    }
  }
  return sent;
}

function headersOf({ headers, reset, ahead }: ScriptedResponse, at: number): ReadonlyMap<string, string> {
  const server = at + (ahead ?? 0);
  return new Map([
    ...Object.entries(headers),
    ...(reset === undefined
      ? []
      : ([
          ['x-ratelimit-reset', String(Math.round(server + reset))],
          ['x-ratelimit-auth-token-reset', String(Math.round(server + reset))],
        ] as const)),
    ...(ahead === undefined ? [] : ([['date', new Date(server).toUTCString()]] as const)),
  ]);
}

/** How many requests a response reports as remaining, in the budget with the fewest. */
export function fewestRemaining({ headers }: ScriptedResponse): number {
  return Math.min(
    ...['global', 'route', 'auth-token'].map((name) =>
      Number(headers[`x-ratelimit-${name}-remaining`] ?? Number.POSITIVE_INFINITY),
    ),
  );
}

/**
 * Returns the requests that exceeded what the last known response left: those sent before its reset, without a slot that
 * an earlier request had freed in the meantime.
 *
 * A request has freed its slot for certain one window after its response. If that response came less than a window before
 * the last request was sent, the reading may show the slot as free or as used: the pacer cannot know, so it goes by its
 * own count.
 */
export function sentOverBudget(sent: readonly SentRequest[]): readonly SentRequest[] {
  return sent.filter((one, index) => {
    const before = sent.slice(0, index);
    const { lastAnswered } = one;
    if (lastAnswered?.response === undefined) return index > 0;
    const { reset = 0 } = lastAnswered.response;
    // A reset in the past or beyond the window does not count, and the server's clock may be known only to a second.
    if (reset < 2000 || reset > WINDOW || one.at >= lastAnswered.answeredAt + reset - 1000) return false;
    const since = index - before.indexOf(lastAnswered);
    const freed = before.filter(
      (other) => other.answeredAt > lastAnswered.at - WINDOW && other.answeredAt <= one.at - WINDOW,
    ).length;
    return since > fewestRemaining(lastAnswered.response) + freed;
  });
}
