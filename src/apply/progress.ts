import { countRequests, steadyEstimate } from '../reconcile/estimate.js';
import type { Paces } from '../reconcile/pace.js';
import type { Plan } from '../reconcile/plan.js';
import type { WritePolicy } from '../reconcile/write-policy.js';

/** How many changes of an apply have ended, by outcome. Those that are not applied in this run count as done. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  readonly failed: number;
  readonly unknown: number;
}

/** How fast changes are expected to end, from the rate limits that are known at the moment. */
export interface ExpectedPace {
  readonly perSecond: number;
  /** The length of a rate limit window in milliseconds; 0 if requests are spread evenly instead. */
  readonly window: number;
  /** Whether LaunchDarkly has not reported the limit yet. */
  readonly isGuess: boolean;
}

/** How many changes of a plan are not applied in this run. */
export function countWithheld({ changes, dates }: Pick<Plan, 'changes' | 'dates'>): number {
  return [...changes, ...dates].filter(({ withheld }) => withheld !== undefined).length;
}

/**
 * Returns a function that computes how fast the changes of a plan can end.
 * @param paces what is known about rate limits when it is called: the first answers report them
 */
export function expectPace(
  plan: Pick<Plan, 'changes' | 'dates'>,
  writes: WritePolicy,
  paces: () => Paces,
): () => ExpectedPace {
  const requests = countRequests(plan.changes, plan.dates, writes);
  const count = plan.changes.length + plan.dates.length - countWithheld(plan);
  return () => {
    const { seconds, pace } = steadyEstimate(requests, paces());
    const window = pace.basis === 'configured' ? 0 : pace.seconds * 1000;
    return { perSecond: count / seconds, window, isGuess: pace.basis === 'assumed' };
  };
}

/** When an apply is expected to end. */
export interface Prediction {
  readonly perSecond: number;
  /** Seconds until the last change; 0 if all have ended, otherwise at least 1. */
  readonly secondsLeft: number;
}

/** A time in epoch milliseconds, and how many changes had ended before. */
interface Mark {
  readonly at: number;
  readonly done: number;
}

/** The least time between two marks in milliseconds: a rate limit window. */
const MARK_EVERY = 10_000;

/** From fewer changes or milliseconds no pace is taken: the first answers say little about the others. */
const MIN_ENDED = 10;
const MIN_SPAN = 1000;

/** Below this share of the pace that rate limits allow, something else is slower: the answers, or other clients. */
const SLOWER = 0.8;

/**
 * Predicts when an apply ends: from the rate limit, or from how fast changes ended recently if that is slower.
 *
 * The requests of a window are sent as soon as it begins, so changes end in bursts. A mark is therefore made at the first
 * change that ends in a window, without counting it: between two marks there are whole windows. The pace is measured
 * since the third last mark, which is 20 to 30 seconds while changes end.
 */
export class PaceMeter {
  #marks: readonly [Mark, Mark, Mark];
  #done: number;
  #endedAt: number;

  /**
   * @param done how many changes count as done before the first request
   * @param now epoch milliseconds
   */
  constructor(done: number, now: number) {
    const start = { at: now, done };
    this.#marks = [start, start, start];
    this.#done = done;
    this.#endedAt = now;
  }

  /** Counts changes that ended. */
  ended(done: number, now: number): void {
    const [, second, third] = this.#marks;
    if (now - third.at >= MARK_EVERY) this.#marks = [second, third, { at: now, done: this.#done }];
    this.#done = done;
    this.#endedAt = now;
  }

  /** Returns undefined if nothing is measured yet and the current window allows all the rest. */
  pace(total: number, expected: ExpectedPace, now: number): Prediction | undefined {
    const measured = this.#measured(now);
    const isSlower = measured !== undefined && (expected.isGuess || measured < SLOWER * expected.perSecond);
    const perSecond = isSlower ? measured : expected.perSecond;
    const left = total - this.#done;
    if (left === 0) return { perSecond, secondsLeft: 0 };
    if (isSlower || expected.window === 0) {
      // The next change is due since the last one ended.
      const seconds = left / perSecond - (now - this.#endedAt) / 1000;
      return { perSecond, secondsLeft: Math.max(1, seconds) };
    }
    const windows = this.#windowsLeft(total, expected);
    if (windows === 0 && measured === undefined) return undefined;
    const [, , { at }] = this.#marks;
    return { perSecond, secondsLeft: Math.max(1, (at + windows * expected.window - now) / 1000) };
  }

  /** Recent changes per second; undefined if too few have ended. */
  #measured(now: number): number | undefined {
    const [{ at, done }] = this.#marks;
    const [span, ended] = [now - at, this.#done - done];
    return span < MIN_SPAN || ended < MIN_ENDED ? undefined : (ended / span) * 1000;
  }

  /** How many more windows have to begin, after the one that began at the last mark. */
  #windowsLeft(total: number, { perSecond, window }: ExpectedPace): number {
    const [, , { done }] = this.#marks;
    return Math.ceil((total - done) / ((perSecond * window) / 1000)) - 1;
  }
}
