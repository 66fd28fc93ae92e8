import { SingleBar } from 'cli-progress';
import type { Progress } from '../apply/progress.js';
import { span } from '../report/words.js';
import type { Io } from './io.js';

/** Shows on standard error what a run waits for, and the progress of an apply. */
export interface ProgressView {
  /** Starts to show the progress of `total` changes: with a bar on a terminal, and with single lines otherwise. */
  readonly start: (total: number) => void;
  readonly update: (progress: Progress) => void;
  /** Shows what requests are waiting for; undefined removes the notice. */
  readonly wait: (reason: string | undefined) => void;
  /** Ends the display that `start` began; after that, `wait` prints single lines. */
  readonly stop: () => void;
}

type View = Omit<ProgressView, 'start'>;

/** Without a terminal, a line is printed after this many changes. */
const LINE_EVERY = 100;

/** Until `start`, only `wait` shows anything: a line for each reason. */
export function openProgress(io: Io): ProgressView {
  const plain = lines(io);
  let view = plain;
  return {
    start: (total) => {
      view = io.progress !== undefined && total > 0 ? bar(total, io.progress) : plain;
    },
    update: (progress) => view.update(progress),
    wait: (reason) => view.wait(reason),
    stop: () => {
      view.stop();
      view = plain;
    },
  };
}

function bar(total: number, stream: NodeJS.WritableStream): View {
  const view = new SingleBar({
    format: '{bar} {value}/{total}{unknown}  {pace}{waiting}',
    barsize: 24,
    barCompleteChar: '#',
    barIncompleteChar: '.',
    // A second Ctrl-C ends the process at once, which would leave the terminal without a cursor.
    hideCursor: false,
    clearOnComplete: true,
    linewrap: false,
    stream,
  });
  view.start(total, 0, { pace: '', unknown: '', waiting: '' });
  return {
    update: (progress) =>
      view.update(progress.done, { pace: paceWords(progress), unknown: unknownWords(progress) }),
    wait: (reason) => view.update({ waiting: reason === undefined ? '' : `  waiting: ${reason}` }),
    stop: () => view.stop(),
  };
}

function lines(io: Io): View {
  return {
    update: (progress) => {
      if (progress.done % LINE_EVERY !== 0 || progress.done === progress.total) return;
      const { done, total } = progress;
      io.stderr(`${done}/${total}${unknownWords(progress)}  ${paceWords(progress)}\n`);
    },
    wait: (reason) => {
      if (reason !== undefined) io.stderr(`waiting: ${reason}\n`);
    },
    stop: () => undefined,
  };
}

function unknownWords({ unknown }: Progress): string {
  return unknown === 0 ? '' : `, ${unknown} unknown`;
}

function paceWords({ perSecond, secondsLeft }: Progress): string {
  if (perSecond === undefined) return '';
  const left = secondsLeft === undefined ? '' : `  ${span(secondsLeft * 1000)} left`;
  return `${perSecond.toFixed(1)}/s${left}`;
}
