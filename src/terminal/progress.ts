import { type ExpectedPace, PaceMeter, type Progress } from '../apply/progress.js';
import { countsDone, progressBar, progressLine, type ProgressState } from '../report/progress-text.js';
import { wrapWords } from '../report/text-options.js';
import type { Io, StatusStream } from './io.js';

/** What requests wait for. */
export interface Waiting {
  /** Words that `in 8 s` can follow. */
  readonly until: string;
  /** Its end in epoch milliseconds of the clock given to `start`. */
  readonly at: number;
  /** Both together. */
  readonly reason: string;
}

/** An apply that starts. */
export interface StartedApply {
  /** The number of changes, with those that are not applied in this run. */
  readonly total: number;
  /** The number of changes that are not applied in this run. */
  readonly withheld: number;
  readonly expected: () => ExpectedPace;
  readonly clock: { now(): number; sleep(ms: number, signal: AbortSignal): Promise<void> };
}

/** Shows on standard error what a run waits for, and the progress of an apply. */
export interface ProgressView {
  /** Starts to show progress: with a bar on a terminal, and with a line every ten seconds otherwise. */
  readonly start: (started: StartedApply) => void;
  readonly update: (progress: Progress) => void;
  /** Shows what requests are waiting for; undefined removes the notice. */
  readonly wait: (waiting: Waiting | undefined) => void;
  /** Shows what is done when an interruption arrives; the requests in flight are still finished. */
  readonly interrupt: () => void;
  /** Ends the display that `start` began; after that, `wait` prints single lines. */
  readonly stop: () => void;
}

/** Where progress is shown. */
interface Display {
  /** Milliseconds between two times that it is shown even if nothing has ended. */
  readonly interval: number;
  /** Milliseconds between two times that it is shown because changes ended; undefined for not at all. */
  readonly shortest: number | undefined;
  readonly show: (state: ProgressState) => void;
  readonly showWaiting: (waiting: Waiting, state: ProgressState) => void;
  readonly clear: () => void;
}

/** Until `start`, only `wait` shows anything: a line for each reason. */
export function openProgress(io: Io): ProgressView {
  let running: RunningProgress | undefined;
  return {
    start: (started) => {
      if (started.total === started.withheld) return;
      running = new RunningProgress(
        started,
        io.progress === undefined ? logDisplay(io, started.clock) : barDisplay(io.progress),
      );
    },
    update: (progress) => running?.update(progress),
    wait: (waiting) => {
      if (running !== undefined) running.wait(waiting);
      else if (waiting !== undefined) io.stderr(`waiting: ${waiting.reason}\n`);
    },
    interrupt: () => {
      const counts = running?.clear();
      const done = counts === undefined ? '' : `${countsDone(counts)}. `;
      const text = `Interrupted: ${done}Finishing the requests in flight; press Ctrl-C again to stop at once.`;
      io.stderr(`${wrapWords(text, '', { columns: io.columns.stderr })}\n`);
    },
    stop: () => {
      running?.stop();
      running = undefined;
    },
  };
}

/** Shows the progress of one apply again and again, since the time that is left changes even if no change ends. */
class RunningProgress {
  readonly #started: StartedApply;
  readonly #display: Display;
  readonly #meter: PaceMeter;
  readonly #end = new AbortController();
  #progress: Progress;
  #waiting: Waiting | undefined;
  #shownAt: number;

  constructor(started: StartedApply, display: Display) {
    const { total, withheld, clock } = started;
    this.#started = started;
    this.#display = display;
    this.#meter = new PaceMeter(withheld, clock.now());
    this.#progress = { done: withheld, total, failed: 0, unknown: 0 };
    this.#shownAt = clock.now();
    void this.#showRegularly();
  }

  update(progress: Progress): void {
    const now = this.#started.clock.now();
    this.#progress = progress;
    this.#meter.ended(progress.done, now);
    const { shortest } = this.#display;
    if (shortest !== undefined && now - this.#shownAt >= shortest) this.#show();
  }

  wait(waiting: Waiting | undefined): void {
    this.#waiting = waiting;
    if (waiting !== undefined) this.#display.showWaiting(waiting, this.#state());
  }

  /** Makes room for other output. Returns what is done. */
  clear(): Progress {
    this.#display.clear();
    return this.#progress;
  }

  stop(): void {
    this.#end.abort();
    this.#display.clear();
  }

  async #showRegularly(): Promise<void> {
    const { clock } = this.#started;
    const { signal } = this.#end;
    while (!signal.aborted) {
      try {
        await clock.sleep(this.#display.interval, signal);
        this.#show();
      } catch {
        // Stopped, or the terminal is gone: progress that cannot be shown must not end the apply.
        return;
      }
    }
  }

  #show(): void {
    this.#shownAt = this.#started.clock.now();
    this.#display.show(this.#state());
  }

  #state(): ProgressState {
    const { total, expected, clock } = this.#started;
    const now = clock.now();
    const waiting = this.#waiting && {
      until: this.#waiting.until,
      seconds: Math.max(1, Math.ceil((this.#waiting.at - now) / 1000)),
    };
    return { progress: this.#progress, pace: this.#meter.pace(total, expected(), now), waiting };
  }
}

const CLEAR_LINE = '\r\u001b[K';

/** The width to assume if the terminal does not report one. */
const USUAL_COLUMNS = 80;

/** Rewrites one line. The cursor stays visible: a second Ctrl-C ends the process at once. */
function barDisplay(stream: StatusStream): Display {
  let shown = '';
  const show = (state: ProgressState): void => {
    const line = progressBar(state, stream.columns === 0 ? USUAL_COLUMNS : stream.columns);
    if (line !== shown) stream.write(`${CLEAR_LINE}${line}`);
    shown = line;
  };
  return {
    interval: 250,
    shortest: 100,
    show,
    showWaiting: (_, state) => show(state),
    clear: () => {
      if (shown !== '') stream.write(CLEAR_LINE);
      shown = '';
    },
  };
}

/** A log gets a line at most this often, in milliseconds. */
const LOG_EVERY = 10_000;

function logDisplay(io: Io, clock: StartedApply['clock']): Display {
  let printedAt = Number.NEGATIVE_INFINITY;
  const print = (text: string): void => {
    printedAt = clock.now();
    io.stderr(`${text}\n`);
  };
  return {
    interval: LOG_EVERY,
    shortest: undefined,
    show: (state) => print(progressLine(state)),
    // Later ones are part of the next line.
    showWaiting: ({ reason }) => {
      if (clock.now() - printedAt >= LOG_EVERY) print(`waiting: ${reason}`);
    },
    clear: () => undefined,
  };
}
