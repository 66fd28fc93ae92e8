import type { Prediction, Progress } from '../apply/progress.js';
import { grouped } from '../text/plural.js';

/** The state of an apply at one moment. */
export interface ProgressState {
  readonly progress: Progress;
  /** Undefined until it can be predicted. */
  readonly pace: Prediction | undefined;
  /** What requests wait for, and for how many seconds; undefined if they do not wait. */
  readonly waiting: { readonly until: string; readonly seconds: number } | undefined;
}

const GAP = '  ';

const MAX_BAR = 24;
/** A shorter bar shows nothing. */
const MIN_BAR = 6;

/**
 * A line with a bar: `[####........] 45/135  4.5/s  0:20 left  rate limit resets in 8 s`.
 * @param columns the width that the line fits into: the bar gives way first, then the parts at the end of the line
 */
export function progressBar({ progress, pace, waiting }: ProgressState, columns: number): string {
  const { done, total } = progress;
  // Without the last column: some terminals wrap as soon as it is written.
  const width = columns - 1;
  const counts = [`${grouped(done)}/${grouped(total)}`, ...problems(progress)].join(', ');
  const parts = [counts, ...paceParts(pace), ...waitParts(waiting)];
  while (parts.length > 1 && parts.join(GAP).length > width) parts.pop();
  const text = parts.join(GAP);
  const room = width - '[] '.length - text.length;
  if (room < MIN_BAR) return text.slice(0, width);
  const size = Math.min(MAX_BAR, room);
  const filled = Math.floor((size * done) / total);
  return `[${'#'.repeat(filled)}${'.'.repeat(size - filled)}] ${text}`;
}

/** A line for a log: `45 of 135 changes done, 4.5/s, 0:20 left, rate limit resets in 8 s`. */
export function progressLine({ progress, pace, waiting }: ProgressState): string {
  return [countsDone(progress), ...paceParts(pace), ...waitParts(waiting)].join(', ');
}

/** `45 of 135 changes done, 2 failed, 1 unknown`. */
export function countsDone(progress: Progress): string {
  const { done, total } = progress;
  const noun = total === 1 ? 'change' : 'changes';
  return [`${grouped(done)} of ${grouped(total)} ${noun} done`, ...problems(progress)].join(', ');
}

function problems({ failed, unknown }: Progress): string[] {
  return [
    ...(failed > 0 ? [`${grouped(failed)} failed`] : []),
    ...(unknown > 0 ? [`${grouped(unknown)} unknown`] : []),
  ];
}

function paceParts(pace: Prediction | undefined): string[] {
  return pace === undefined ? [] : [`${pace.perSecond.toFixed(1)}/s`, `${timeText(pace.secondsLeft)} left`];
}

function waitParts(waiting: ProgressState['waiting']): string[] {
  return waiting === undefined ? [] : [`${waiting.until} in ${waiting.seconds} s`];
}

/** `0:05`, `12:34`, `1:02:03`: the same form for every length, so that it does not jump between units. */
function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = twoDigits(whole % 60);
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${twoDigits(minutes)}:${rest}`;
}

function twoDigits(part: number): string {
  return String(part).padStart(2, '0');
}
