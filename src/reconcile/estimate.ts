import type { Pace, Paces } from './pace.js';
import type { Change, WriteEstimate, Estimate } from './plan.js';
import type { WritePolicy } from './write-policy.js';
import { countWrites } from './writes.js';

/** Seconds that another way to write must save to be worth a word. */
const MIN_SECONDS_SAVED = 60;

/** How many writes a plan takes, and how many seconds at the paces that are to be expected. */
export function estimateWrites(changes: readonly Change[], paces: Paces, writes: WritePolicy): Estimate {
  const effort = (mode: WritePolicy['mode']): WriteEstimate => {
    const { users, contexts, patches } = countWrites(changes, { ...writes, mode });
    const requests = users + contexts + patches;
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
        ...(paces.all === undefined ? [] : [{ count: requests, pace: paces.all }]),
      ]),
    };
  };
  return { ...effort(writes.mode), put: effort('put'), batch: effort('batch'), paces };
}

/** Budgets are used side by side, so the one that takes longest decides. */
function longest(
  works: readonly { readonly count: number; readonly pace: Pace }[],
): Pick<WriteEstimate, 'seconds' | 'pace'> {
  const [first] = works
    .map(({ count, pace }) => ({ seconds: Math.ceil((count * pace.seconds) / pace.writes), pace }))
    .toSorted((a, b) => b.seconds - a.seconds);
  if (first === undefined) throw new TypeError('there is no work to compare');
  return first;
}

/** What `writes: batch` would take, where that saves more than a minute. */
export function betterInBatch({ seconds, batch }: Estimate): WriteEstimate | undefined {
  return seconds - batch.seconds > MIN_SECONDS_SAVED ? batch : undefined;
}
