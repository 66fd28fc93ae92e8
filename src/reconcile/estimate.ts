import { planDateWrites } from './date-writes.js';
import type { ExpiryChange } from './dates.js';
import type { Pace, Paces } from './pace.js';
import type { Change, WriteEstimate, Estimate } from './plan.js';
import type { WritePolicy } from './write-policy.js';
import { countWrites } from './writes.js';

/** `writes: batch` is suggested if it saves more seconds than this. */
const MIN_SECONDS_SAVED = 60;

/** How many requests the changes and dates take, and how many seconds at the expected paces. */
export function estimateWrites(
  changes: readonly Change[],
  dates: readonly ExpiryChange[],
  paces: Paces,
  writes: WritePolicy,
): Estimate {
  const datePatches = planDateWrites(dates, writes.values).length;
  const estimateFor = (mode: WritePolicy['mode']): WriteEstimate => {
    const { users, contexts, patches } = countWrites(changes, { ...writes, mode });
    const requests = users + contexts + patches + datePatches;
    return {
      requests,
      ...longest([
        ...(paces.users === undefined
          ? [{ count: users + contexts, pace: paces.contexts }]
          : [
              { count: users, pace: paces.users },
              { count: contexts, pace: paces.contexts },
            ]),
        { count: patches, pace: paces.patches },
        { count: datePatches, pace: paces.dates },
        ...(paces.all === undefined ? [] : [{ count: requests, pace: paces.all }]),
      ]),
    };
  };
  return { ...estimateFor(writes.mode), put: estimateFor('put'), batch: estimateFor('batch'), paces };
}

/** Budgets are used in parallel, so the one that takes longest decides; of several, the tightest. */
function longest(
  parts: readonly { readonly count: number; readonly pace: Pace }[],
): Pick<WriteEstimate, 'seconds' | 'pace'> {
  const [first] = parts
    .map(({ count, pace }) => ({ seconds: secondsFor(count, pace), pace }))
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
