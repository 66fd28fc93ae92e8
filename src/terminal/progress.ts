import { SingleBar } from 'cli-progress';
import type { Progress } from '../apply/progress.js';
import { span } from '../report/words.js';
import type { Io } from './io.js';

/** Shows the progress of an apply on standard error. */
export interface ProgressView {
  readonly update: (progress: Progress) => void;
  /** Shows what requests are waiting for; undefined removes the notice. */
  readonly wait: (reason: string | undefined) => void;
  readonly stop: () => void;
}

/** Without a terminal, a line is printed after this many changes. */
const LINE_EVERY = 100;

/** A progress bar on a terminal, and single lines otherwise. */
export function progressView(total: number, io: Io): ProgressView {
  return io.progress !== undefined && total > 0 ? bar(total, io.progress) : lines(io);
}

/** Returns a function that prints a line on standard error when planning has to wait. */
export function waitingNotice(io: Io): ProgressView['wait'] {
  return lines(io).wait;
}

function bar(total: number, stream: NodeJS.WritableStream): ProgressView {
  const view = new SingleBar({
    format: '{bar} {value}/{total}  {pace}{waiting}',
    barsize: 24,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    // A second Ctrl-C ends the process at once, which would leave the terminal without a cursor.
    hideCursor: false,
    clearOnComplete: true,
    linewrap: false,
    stream,
  });
  view.start(total, 0, { pace: '', waiting: '' });
  return {
    update: (progress) => view.update(progress.done, { pace: paceWords(progress) }),
    wait: (reason) => view.update({ waiting: reason === undefined ? '' : `  waiting: ${reason}` }),
    stop: () => view.stop(),
  };
}

function lines(io: Io): ProgressView {
  return {
    update: (progress) => {
      if (progress.done % LINE_EVERY !== 0 || progress.done === progress.total) return;
      io.stderr(`${progress.done}/${progress.total}  ${paceWords(progress)}\n`);
    },
    wait: (reason) => {
      if (reason !== undefined) io.stderr(`waiting: ${reason}\n`);
    },
    stop: () => undefined,
  };
}

function paceWords({ perSecond, secondsLeft }: Progress): string {
  if (perSecond === undefined) return '';
  const left = secondsLeft === undefined ? '' : `  ${span(secondsLeft * 1000)} left`;
  return `${perSecond.toFixed(1)}/s${left}`;
}
