import type { Clock } from '../clock.js';
import { Pacer, type PacedRequest, type PacerOptions, type Readiness, type Reservation } from './pacer.js';
import { readRateHeaders } from './rate-headers.js';
import type { HttpResponse } from '../http/transport.js';

/** Every request of a run passes one gate, which holds it back until the pacer lets it go. */
export interface Gate {
  /** Waits until the request may be sent, sends it, and reports the response's headers to the pacer. */
  pass(request: PacedRequest, send: () => Promise<HttpResponse>): Promise<HttpResponse>;
}

export interface GateOptions extends Omit<PacerOptions, 'random'> {
  /** The most requests in flight at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** Rejects all waiting requests; those in flight are not affected. */
  readonly signal: AbortSignal;
  /** Local epoch milliseconds from which on no request is sent. */
  readonly deadline: number;
  /** Called when the deadline has passed, with what the requests wait for; is expected to abort `signal`. */
  readonly expire: (waitingFor?: string) => void;
  /** Called when requests have to wait, and with undefined when they continue. */
  readonly onWait?: ((wait: Wait | undefined) => void) | undefined;
}

/** What requests wait for. */
export interface Wait {
  /** Words that `in 8 s` can follow: `rate limit resets`. */
  readonly until: string;
  /** Its end in epoch milliseconds, of the client's clock. */
  readonly at: number;
  /** Both together, with the time that is left now: `rate limit resets in 8 s`. */
  readonly reason: string;
}

/**
 * Waits shorter than this, in milliseconds, are normal pacing and not announced: at five requests in ten seconds each
 * waits for two seconds.
 */
const SHORTEST_ANNOUNCED = 2500;

/** If the end of a wait moves by less than this, in milliseconds, it is not announced again. */
const SAME_WAIT = 1000;

interface Waiter {
  readonly request: PacedRequest;
  /** Its position among all requests, in the order of arrival. */
  readonly sequence: number;
  readonly admit: (reservation: Reservation) => void;
  readonly reject: (reason: unknown) => void;
}

interface Alarm {
  readonly at: number;
  readonly cancel: AbortController;
}

/** Opens a gate: first come, first served on each route; a route that has to wait does not delay the others. */
export function openGate(options: GateOptions): Gate {
  const { clock, signal } = options;
  const pacer = new Pacer({
    reserve: options.reserve,
    writesPerSecond: options.writesPerSecond,
    ...(options.window === undefined ? {} : { window: options.window }),
    random: () => clock.random(),
  });
  const queues = new Map<PacedRequest['route'], Waiter[]>();
  let inFlight = 0;
  let arrivals = 0;
  let alarm: Alarm | undefined;
  /** Since when no waiting request could be sent, and the end of the wait that was last announced. */
  let blockedSince: number | undefined;
  let announcedUntil: number | undefined;
  /** What the waiting requests last waited for. */
  let lastWait: Readiness | undefined;

  const expire = (): void => {
    const isStillWaiting =
      lastWait !== undefined && Number.isFinite(lastWait.at) && lastWait.at > clock.now();
    options.expire(
      lastWait !== undefined && isStillWaiting ? waitOf(lastWait, clock.now()).reason : undefined,
    );
  };

  const heads = (): Waiter[] =>
    [...queues.values()]
      .flatMap((queue) => queue.slice(0, 1))
      .toSorted((one, other) => one.sequence - other.sequence);

  /** Admits the requests that may be sent now, and sets the alarm for the next one. */
  const admitReady = (): void => {
    if (clock.now() >= options.deadline) expire();
    let next: Readiness | undefined;
    for (let hasAdmitted = true; hasAdmitted;) {
      hasAdmitted = false;
      next = undefined;
      if (inFlight >= options.concurrency) break;
      for (const waiter of heads()) {
        const readiness = pacer.readiness(waiter.request, clock.now());
        if (readiness.at <= clock.now()) {
          queues.get(waiter.request.route)?.shift();
          inFlight += 1;
          blockedSince = undefined;
          waiter.admit(pacer.recordSent(waiter.request, clock.now()));
          hasAdmitted = true;
          break;
        }
        if (next === undefined || readiness.at < next.at) next = readiness;
      }
    }
    setAlarm(next);
  };

  const setAlarm = (next: Readiness | undefined): void => {
    lastWait = next;
    const checkAt = announce(next);
    // While a request is in flight, its response is the next event, and each attempt has its own timeout.
    const isIdle = next === undefined || (!Number.isFinite(next.at) && inFlight > 0);
    const at = isIdle ? undefined : Math.min(next.at, options.deadline, checkAt);
    if (alarm?.at === at) return;
    alarm?.cancel.abort();
    alarm = undefined;
    if (at === undefined) return;
    alarm = { at, cancel: new AbortController() };
    void waitFor(alarm);
  };

  const waitFor = async (own: Alarm): Promise<void> => {
    try {
      await clock.sleep(Math.max(0, own.at - clock.now()), own.cancel.signal);
    } catch {
      // Cancelled: another alarm has replaced it, or none is needed.
      return;
    }
    if (alarm !== own) return;
    alarm = undefined;
    admitReady();
  };

  /**
   * Announces a wait, if there is one. While requests are in flight, a response may end the wait at any moment, so it is
   * announced only after it has lasted a while.
   * @returns when to check again
   */
  const announce = (next: Readiness | undefined): number => {
    const now = clock.now();
    const isWaiting = next !== undefined && Number.isFinite(next.at);
    if (announcedUntil !== undefined && (!isWaiting || blockedSince === undefined)) {
      announcedUntil = undefined;
      options.onWait?.(undefined);
    }
    if (!isWaiting) {
      blockedSince = undefined;
      return Number.POSITIVE_INFINITY;
    }
    blockedSince ??= now;
    if (next.at - now < SHORTEST_ANNOUNCED) return Number.POSITIVE_INFINITY;
    const announceAt = inFlight === 0 ? now : blockedSince + SHORTEST_ANNOUNCED;
    if (now < announceAt) return announceAt;
    if (announcedUntil !== undefined && Math.abs(next.at - announcedUntil) < SAME_WAIT)
      return Number.POSITIVE_INFINITY;
    announcedUntil = next.at;
    options.onWait?.(waitOf(next, now));
    return Number.POSITIVE_INFINITY;
  };

  const admission = (request: PacedRequest): Promise<Reservation> =>
    new Promise((admit, reject) => {
      if (clock.now() >= options.deadline) expire();
      signal.throwIfAborted();
      const queue = queues.get(request.route) ?? [];
      queues.set(request.route, queue);
      queue.push({ request, sequence: (arrivals += 1), admit, reject });
      admitReady();
    });

  signal.addEventListener('abort', () => {
    for (const queue of queues.values()) {
      for (const waiter of queue.splice(0)) waiter.reject(signal.reason);
    }
    setAlarm(undefined);
  });

  return {
    pass: async (request, send) => {
      const reservation = await admission(request);
      let response: HttpResponse | undefined;
      try {
        response = await send();
        return response;
      } finally {
        const now = clock.now();
        pacer.recordResponse(
          reservation,
          now,
          response && { status: response.status, headers: readRateHeaders(response.headers, now) },
        );
        inFlight -= 1;
        admitReady();
      }
    },
  };
}

function waitOf(readiness: Readiness, now: number): Wait {
  const seconds = Math.max(1, Math.ceil((readiness.at - now) / 1000));
  const until = untilWords(readiness);
  return { until, at: readiness.at, reason: `${until} in ${seconds} s` };
}

function untilWords(readiness: Readiness): string {
  switch (readiness.reason) {
    case 'pause':
      return 'rate limited by LaunchDarkly, continuing';
    case 'budget':
      return readiness.reset !== undefined && Math.abs(readiness.at - readiness.reset) < SAME_WAIT
        ? 'rate limit resets'
        : 'rate limit, next request';
    case 'ceiling':
      return 'limited by rate.writesPerSecond, next write';
    case 'unmetered':
    case 'probe':
      return 'rate limit, next request';
  }
}
