import { type Result, skipped } from './outcome.js';

/** After this many unanswered writes in a row LaunchDarkly is assumed to be down, and the others are not sent. */
const MAX_UNANSWERED = 4;

/** Decides when no further write may be started. */
export class StopRule {
  readonly #signal: AbortSignal | undefined;
  #stopped: Result | undefined;
  #unanswered = 0;

  /** @param signal stops the run when it is aborted */
  constructor(signal: AbortSignal | undefined) {
    this.#signal = signal;
  }

  /** The result of every change that is not started yet, or undefined while writes may be started. */
  stopResult(): Result | undefined {
    if (this.#stopped === undefined && this.#signal?.aborted === true) {
      this.#stopped = skipped('interrupted', 'interrupted');
    }
    return this.#stopped;
  }

  /** Records how the changes of one write ended. */
  record(results: readonly Result[]): void {
    if (this.#stopped !== undefined) return;
    const unanswered = results.find(
      ({ ending: { status, reason } }) =>
        status === 'unknown' || reason === 'unreachable' || reason === 'unavailable',
    );
    this.#unanswered = unanswered === undefined ? 0 : this.#unanswered + 1;
    const ofRun = results.find(({ extent }) => extent === 'run');
    const last = ofRun ?? (this.#unanswered < MAX_UNANSWERED ? undefined : unanswered);
    if (last === undefined) return;
    const { ending } = last;
    this.#stopped =
      ending.status === 'skipped'
        ? { ending, extent: 'change' }
        : skipped('stopped', `not started: ${ending.message}`);
  }
}
