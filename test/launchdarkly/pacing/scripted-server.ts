import {
  Pacer,
  type PacerOptions,
  type Reservation,
  WINDOW,
} from '../../../src/launchdarkly/pacing/pacer.js';
import { readRateHeaders } from '../../../src/launchdarkly/pacing/rate-headers.js';

/** One answer of a server that follows a script, whatever is asked. Times are milliseconds from its sending on. */
export interface ScriptedResponse {
  readonly status: number;
  /** Headers without times, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** When the window resets; undefined where that is not told. */
  readonly reset?: number | undefined;
  /** How far the server's clock is ahead; undefined where no `Date` is sent. */
  readonly ahead?: number | undefined;
}

/** One request as it went: local times, and what its answer left over. */
export interface SentRequest {
  readonly at: number;
  answeredAt: number;
  answer: ScriptedResponse | undefined;
  /** The newest of those whose answer was known when it was sent. */
  readonly known: SentRequest | undefined;
}

export interface ScriptedRun {
  readonly concurrency?: number;
  /** Milliseconds there, and the same back. */
  readonly latency?: number;
  readonly requests: number;
  readonly pacer?: Partial<PacerOptions>;
}

const START = 1_700_000_000_000;

/** Lets one pacer follow a script, which begins again at its end. Gives every request in the order of sending. */
export function runAgainstScript(
  script: readonly ScriptedResponse[],
  options: ScriptedRun,
): readonly SentRequest[] {
  const { concurrency = 4, latency = 20 } = options;
  const pacer = new Pacer({ reserve: 0, writesPerSecond: null, random: () => 0.5, ...options.pacer });
  const request = { route: 'user setting', isWrite: true } as const;
  const sent: SentRequest[] = [];
  const underWay: { readonly ticket: Reservation; readonly entry: SentRequest }[] = [];
  let now = START;
  for (let steps = 0; sent.length < options.requests || underWay.length > 0; steps += 1) {
    if (steps > 100 * options.requests) throw new Error('it looks again and again at one moment');
    const wants = sent.length < options.requests && underWay.length < concurrency;
    const ready = wants ? pacer.readiness(request, now).at : Number.POSITIVE_INFINITY;
    const [next] = underWay;
    const answers = next === undefined ? Number.POSITIVE_INFINITY : next.entry.at + 2 * latency;
    const then = Math.min(ready, answers);
    if (then === Number.POSITIVE_INFINITY) throw new Error('it waits for an answer, and none is on its way');
    if (then > now) {
      now = then;
    } else if (next !== undefined && answers <= ready) {
      underWay.shift();
      next.entry.answeredAt = now;
      const answer = next.entry.answer;
      if (answer === undefined) throw new Error('the script is empty');
      const headers = readRateHeaders(headersOf(answer, now - latency), now);
      pacer.recordResponse(next.ticket, now, { status: answer.status, headers });
    } else {
      const entry: SentRequest = {
        known: sent.findLast(({ answeredAt }) => Number.isFinite(answeredAt)),
        at: now,
        answeredAt: Number.POSITIVE_INFINITY,
        answer: script[sent.length % script.length],
      };
      sent.push(entry);
      underWay.push({ ticket: pacer.recordSent(request, now), entry });
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

/** How many requests an answer left over, by the budget that left the fewest. */
export function fewestRemaining({ headers }: ScriptedResponse): number {
  return Math.min(
    ...['global', 'route', 'auth-token'].map((name) =>
      Number(headers[`x-ratelimit-${name}-remaining`] ?? Number.POSITIVE_INFINITY),
    ),
  );
}

/**
 * Requests that went although the answer before them had left nothing for them: those that came before the reset that
 * it told, which nothing that has left the window meanwhile had made room for.
 */
export function sentOverBudget(sent: readonly SentRequest[]): readonly SentRequest[] {
  return sent.filter((one, index) => {
    const before = sent.slice(0, index);
    const { known } = one;
    if (known?.answer === undefined) return index > 0;
    const { reset = 0 } = known.answer;
    // A reset of the past, or beyond the window, is none; and the server's clock may be known to a second only.
    if (reset < 2000 || reset > WINDOW || one.at >= known.answeredAt + reset - 1000) return false;
    const since = index - before.indexOf(known);
    const gone = before.filter((other) => other.at > known.at - WINDOW && other.at <= one.at - WINDOW).length;
    return since > fewestRemaining(known.answer) + gone;
  });
}
