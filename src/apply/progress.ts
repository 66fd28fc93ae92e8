/** How far an apply has come. */
export interface Progress {
  readonly done: number;
  readonly total: number;
  /** Changes a second lately; undefined before the second one. */
  readonly perSecond: number | undefined;
  /** Seconds until the last, at that pace; undefined while there is no pace. */
  readonly secondsLeft: number | undefined;
}

/** What the pace is taken from: long enough for a rate limit's window of ten seconds not to make it jump. */
const RECENT = 30_000;

/**
 * Works out the pace from when the last changes ended.
 * @param ended epoch milliseconds, ascending; the start of the apply may stand first
 */
export function progressOf(done: number, total: number, ended: readonly number[], now: number): Progress {
  const recent = ended.filter((at) => at > now - RECENT);
  const first = recent[0];
  const span = first === undefined ? 0 : now - first;
  const perSecond = recent.length < 2 || span <= 0 ? undefined : ((recent.length - 1) / span) * 1000;
  const secondsLeft = done === total ? 0 : perSecond === undefined ? undefined : (total - done) / perSecond;
  return { done, total, perSecond, secondsLeft };
}

/** Remembers when changes ended, and only as long as the pace needs it. */
export class ProgressMeter {
  #ended: number[];

  constructor(start: number) {
    this.#ended = [start];
  }

  ended(done: number, total: number, now: number): Progress {
    this.#ended.push(now);
    if (this.#ended.length > 256) {
      const recent = this.#ended.filter((at) => at > now - RECENT);
      // At thousands a second the last few are as good as all of them.
      this.#ended = recent.length > 128 ? recent.slice(-128) : recent;
    }
    return progressOf(done, total, this.#ended, now);
  }
}
