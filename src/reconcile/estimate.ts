import { planDateWrites } from './date-writes.js';
import type { ExpiryChange } from './dates.js';
import type { Pace, Paces } from './pace.js';
import type { Change, WriteEstimate, Estimate } from './plan.js';
import type { WritePolicy } from './write-policy.js';
import { countWrites } from './writes.js';

/** `writes: batch` is suggested if it saves more seconds than this. */
const MIN_SECONDS_SAVED = 60;

/** How many requests there are of each kind. */
export interface RequestCounts {
  readonly users: number;
  readonly contexts: number;
  readonly patches: number;
  readonly dates: number;
}

/** Counts the requests that make the changes and dates. */
export function countRequests(
  changes: readonly Change[],
  dates: readonly ExpiryChange[],
  writes: WritePolicy,
): RequestCounts {
  return { ...countWrites(changes, writes), dates: planDateWrites(dates, writes.values).length };
}

/** How many requests the changes and dates take, and how many seconds at the expected paces. */
export function estimateWrites(
  changes: readonly Change[],
  dates: readonly ExpiryChange[],
  paces: Paces,
  writes: WritePolicy,
): Estimate {
  const estimateFor = (mode: WritePolicy['mode']): WriteEstimate => {
    const counts = countRequests(changes, dates, { ...writes, mode });
    return {
      requests: counts.users + counts.contexts + counts.patches + counts.dates,
      ...longest(counts, paces, secondsFor),
    };
  };
  return { ...estimateFor(writes.mode), put: estimateFor('put'), batch: estimateFor('batch'), paces };
}

/** How many seconds the requests take if each window is used evenly, and the pace that decides. */
export function steadyEstimate(counts: RequestCounts, paces: Paces): Pick<WriteEstimate, 'seconds' | 'pace'> {
  return longest(counts, paces, (count, { writes, seconds }) => (count / writes) * seconds);
}

/** Budgets are used in parallel, so the one that takes longest decides; of several, the tightest. */
function longest(
  { users, contexts, patches, dates }: RequestCounts,
  paces: Paces,
  secondsOf: (count: number, pace: Pace) => number,
): Pick<WriteEstimate, 'seconds' | 'pace'> {
  const all = users + contexts + patches + dates;
  const [first] = [
    ...(paces.users === undefined
      ? [{ count: users + contexts, pace: paces.contexts }]
      : [
          { count: users, pace: paces.users },
          { count: contexts, pace: paces.contexts },
        ]),
    { count: patches, pace: paces.patches },
    { count: dates, pace: paces.dates },
    ...(paces.all === undefined ? [] : [{ count: all, pace: paces.all }]),
  ]
    .map(({ count, pace }) => ({ seconds: secondsOf(count, pace), pace }))
    .toSorted((a, b) => b.seconds - a.seconds || a.pace.writes - b.pace.writes);
  if (first === undefined) throw new TypeError('there is nothing to compare');
  return first;
}

/**
 * The writes of one window are sent as soon as it begins, so the first window takes about a second. A configured ceiling
 * spreads them evenly.
 */
function secondsFor(count: number, { writes, seconds, basis }: Pace): number {
  if (count === 0) return 0;
  const windows = basis === 'configured' ? count / writes : Math.ceil(count / writes) - 1;
  return Math.max(1, Math.ceil(windows * seconds));
}

/** The estimate for `writes: batch`, if that saves more than a minute. */
export function betterInBatch({ seconds, batch }: Estimate): WriteEstimate | undefined {
  return seconds - batch.seconds > MIN_SECONDS_SAVED ? batch : undefined;
}
