/** The progress of an apply. */
export interface Progress extends Pace {
  /** How many of the changes that are done have an unknown outcome. */
  readonly unknown: number;
}

interface Pace {
  readonly done: number;
  readonly total: number;
  /** Recent changes per second; undefined before the second change. */
  readonly perSecond: number | undefined;
  /** Seconds until the last change, at that pace; undefined without one. */
  readonly secondsLeft: number | undefined;
}

/** The pace is that of the last 30 seconds: long enough that the ten-second windows of rate limits do not show. */
const RECENT = 30_000;

/**
 * Computes the pace from the times at which recent changes ended.
 * @param ended epoch milliseconds, ascending; the first may be the start of the apply
 */
export function progressOf(done: number, total: number, ended: readonly number[], now: number): Pace {
  const recent = ended.filter((at) => at > now - RECENT);
  const first = recent[0];
  const span = now - (first ?? now);
  const perSecond = recent.length < 2 || span <= 0 ? undefined : ((recent.length - 1) / span) * 1000;
  const secondsLeft = done === total ? 0 : perSecond === undefined ? undefined : (total - done) / perSecond;
  return { done, total, perSecond, secondsLeft };
}

/** Remembers when changes ended, for as long as the pace needs it. */
export class ProgressMeter {
  #ended: number[];

  constructor(start: number) {
    this.#ended = [start];
  }

  ended(done: number, total: number, now: number): Pace {
    this.#ended.push(now);
    if (this.#ended.length > 256) {
      const recent = this.#ended.filter((at) => at > now - RECENT);
      // At thousands of changes per second, the last 128 give the same pace as all of them.
      this.#ended = recent.length > 128 ? recent.slice(-128) : recent;
    }
    return progressOf(done, total, this.#ended, now);
  }
}
