import type { Clock } from '../clock.js';
import { Pacer, type PacedRequest, type PacerOptions, type Readiness, type Reservation } from './pacer.js';
import { readRateHeaders } from './rate-headers.js';
import type { HttpResponse } from '../http/transport.js';

/** Every request of a run goes through one gate. */
export interface Gate {
  /** Waits until the request may go, sends it, and learns from the answer's headers. */
  pass(request: PacedRequest, send: () => Promise<HttpResponse>): Promise<HttpResponse>;
}

export interface GateOptions extends Omit<PacerOptions, 'random'> {
  /** Requests under way at a time. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** Ends all waiting; what is under way is not touched. */
  readonly signal: AbortSignal;
  /** Local epoch milliseconds after which nothing may start. */
  readonly deadline: number;
  /** Called when the deadline has passed, with what is being waited for; is expected to abort `signal`. */
  readonly expire: (waiting?: string) => void;
  /** Called with the reason when queued requests have to wait, and with undefined when they go on. */
  readonly onWait?: ((reason: string | undefined) => void) | undefined;
}

/**
 * Shorter waits are pace, and not worth a notice: at five requests in ten seconds each waits for two seconds.
 * Milliseconds.
 */
const NOTEWORTHY = 2500;

/** A wait whose end moves by less than this, in milliseconds, is the same wait. */
const SAME_WAIT = 1000;

interface Waiter {
  readonly request: PacedRequest;
  readonly order: number;
  readonly go: (ticket: Reservation) => void;
  readonly giveUp: (reason: unknown) => void;
}

interface Alarm {
  readonly at: number;
  readonly cancel: AbortController;
}

/** First come, first served on each route; a route that has to wait holds up no other. */
export function openGate(options: GateOptions): Gate {
  const { clock, signal } = options;
  const pacer = new Pacer({
    reserve: options.reserve,
    writesPerSecond: options.writesPerSecond,
    ...(options.window === undefined ? {} : { window: options.window }),
    random: () => clock.random(),
  });
  const queues = new Map<PacedRequest['route'], Waiter[]>();
  let underWay = 0;
  let orders = 0;
  let wakeUp: Alarm | undefined;
  /** Since when no queued request could go, and until when the wait lasts that was last announced. */
  let blockedSince: number | undefined;
  let announced: number | undefined;
  /** What the queued requests were last waiting for. */
  let lastWait: Readiness | undefined;

  const expire = (): void => {
    const isTooLate = lastWait !== undefined && Number.isFinite(lastWait.at) && lastWait.at > clock.now();
    options.expire(lastWait !== undefined && isTooLate ? reasonFor(lastWait, clock.now()) : undefined);
  };

  const heads = (): Waiter[] =>
    [...queues.values()]
      .flatMap((queue) => queue.slice(0, 1))
      .toSorted((one, other) => one.order - other.order);

  /** Lets go whoever may go now, and sets the alarm for whoever is next. */
  const turn = (): void => {
    if (clock.now() >= options.deadline) expire();
    let next: Readiness | undefined;
    for (let progress = true; progress;) {
      progress = false;
      next = undefined;
      if (underWay >= options.concurrency) break;
      for (const waiter of heads()) {
        const readiness = pacer.readiness(waiter.request, clock.now());
        if (readiness.at <= clock.now()) {
          queues.get(waiter.request.route)?.shift();
          underWay += 1;
          blockedSince = undefined;
          waiter.go(pacer.recordSent(waiter.request, clock.now()));
          progress = true;
          break;
        }
        if (next === undefined || readiness.at < next.at) next = readiness;
      }
    }
    setAlarm(next);
  };

  const setAlarm = (next: Readiness | undefined): void => {
    lastWait = next;
    const lookAgain = announce(next);
    // While something is under way its answer is the next event, and an attempt has a time of its own.
    const isIdle = next === undefined || (!Number.isFinite(next.at) && underWay > 0);
    const at = isIdle ? undefined : Math.min(next.at, options.deadline, lookAgain);
    if (wakeUp?.at === at) return;
    wakeUp?.cancel.abort();
    wakeUp = undefined;
    if (at === undefined) return;
    const alarm: Alarm = { at, cancel: new AbortController() };
    wakeUp = alarm;
    void ring(alarm);
  };

  const ring = async (alarm: Alarm): Promise<void> => {
    try {
      await clock.sleep(Math.max(0, alarm.at - clock.now()), alarm.cancel.signal);
    } catch {
      // Cancelled: another alarm or none has taken its place.
      return;
    }
    if (wakeUp !== alarm) return;
    wakeUp = undefined;
    turn();
  };

  /**
   * Announces a wait, if there is one. While requests are under way their answers may end it at any moment, so it has to
   * last a while first.
   * @returns when to look again
   */
  const announce = (next: Readiness | undefined): number => {
    const now = clock.now();
    const isWaiting = next !== undefined && Number.isFinite(next.at);
    if (announced !== undefined && (!isWaiting || blockedSince === undefined)) {
      announced = undefined;
      options.onWait?.(undefined);
    }
    if (!isWaiting) {
      blockedSince = undefined;
      return Number.POSITIVE_INFINITY;
    }
    blockedSince ??= now;
    if (next.at - now < NOTEWORTHY) return Number.POSITIVE_INFINITY;
    const certain = underWay === 0 ? now : blockedSince + NOTEWORTHY;
    if (now < certain) return certain;
    if (announced !== undefined && Math.abs(next.at - announced) < SAME_WAIT) return Number.POSITIVE_INFINITY;
    announced = next.at;
    options.onWait?.(reasonFor(next, now));
    return Number.POSITIVE_INFINITY;
  };

  const admitted = (request: PacedRequest): Promise<Reservation> =>
    new Promise((go, giveUp) => {
      if (clock.now() >= options.deadline) expire();
      signal.throwIfAborted();
      const queue = queues.get(request.route) ?? [];
      queues.set(request.route, queue);
      queue.push({ request, order: (orders += 1), go, giveUp });
      turn();
    });

  signal.addEventListener('abort', () => {
    for (const queue of queues.values()) {
      for (const waiter of queue.splice(0)) waiter.giveUp(signal.reason);
    }
    setAlarm(undefined);
  });

  return {
    pass: async (request, send) => {
      const ticket = await admitted(request);
      let answer: HttpResponse | undefined;
      try {
        answer = await send();
        return answer;
      } finally {
        const now = clock.now();
        pacer.recordResponse(
          ticket,
          now,
          answer && { status: answer.status, headers: readRateHeaders(answer.headers, now) },
        );
        underWay -= 1;
        turn();
      }
    },
  };
}

function reasonFor(readiness: Readiness, now: number): string {
  const seconds = Math.max(1, Math.ceil((readiness.at - now) / 1000));
  switch (readiness.reason) {
    case 'pause':
      return `rate limited by LaunchDarkly, goes on in ${seconds} s`;
    case 'budget':
      return readiness.reset !== undefined && Math.abs(readiness.at - readiness.reset) < SAME_WAIT
        ? `rate limit resets in ${seconds} s`
        : `rate limit, next request in ${seconds} s`;
    case 'ceiling':
      return `writes per second as configured, next in ${seconds} s`;
    case 'unmetered':
    case 'probe':
      return `rate limit, next request in ${seconds} s`;
  }
}
