import { datesByContext } from '../reconcile/date-writes.js';
import type { ExpiryChange } from '../reconcile/dates.js';
import { contextKey, type LiveDate } from '../reconcile/state.js';
import { isLive } from './dates.js';
import { applied, type DateOutcome } from './outcome.js';
import { READ_DELAYS, type ReadBackOptions } from './read-back.js';

/** A date that was applied but is not at LaunchDarkly. */
export interface DateMismatch {
  readonly change: ExpiryChange;
  /** The date that is live instead, epoch milliseconds; undefined for none. */
  readonly live: number | undefined;
}

interface DatesReadBack {
  /** As given, except that a date whose answer was lost and that is live was applied. */
  readonly dates: readonly DateOutcome[];
  readonly mismatches: readonly DateMismatch[];
}

/**
 * Reads the dates that were written, one request for each flag, and checks that they are live.
 * @throws OperatorError if they cannot be read
 */
export async function verifyDates(
  outcomes: readonly DateOutcome[],
  options: ReadBackOptions,
): Promise<DatesReadBack> {
  const decided = new Map<ExpiryChange, DateOutcome>();
  const mismatches: DateMismatch[] = [];
  for (const ofFlag of byFlag(outcomes)) {
    const dates = await readUntilLive(ofFlag, options);
    for (const { change, status } of ofFlag) {
      if (isLive(change, dates)) {
        if (status !== 'applied') {
          const { ending } = applied('found-live', 'the answer was lost, and the date was found set');
          decided.set(change, { change, ...ending, unanswered: true });
        }
      } else if (status === 'applied') {
        mismatches.push({ change, live: dates.get(contextKey(change.kind, change.key))?.at });
      }
    }
  }
  return { dates: outcomes.map((outcome) => decided.get(outcome.change) ?? outcome), mismatches };
}

/** The outcomes that can be checked, by flag and environment: those that were applied, or whose answer was lost. */
function byFlag(outcomes: readonly DateOutcome[]): Iterable<readonly [DateOutcome, ...DateOutcome[]]> {
  const flags = new Map<string, [DateOutcome, ...DateOutcome[]]>();
  for (const outcome of outcomes) {
    if (outcome.status !== 'applied' && outcome.unanswered !== true) continue;
    const { project, environment, flag } = outcome.change;
    const key = JSON.stringify([project, environment, flag]);
    const known = flags.get(key);
    if (known === undefined) flags.set(key, [outcome]);
    else known.push(outcome);
  }
  return flags.values();
}

async function readUntilLive(
  outcomes: readonly [DateOutcome, ...DateOutcome[]],
  { reader, clock, signal }: ReadBackOptions,
): Promise<ReadonlyMap<string, LiveDate>> {
  const [{ change }] = outcomes;
  const read = async (): Promise<ReadonlyMap<string, LiveDate>> =>
    datesByContext(await reader.listDates(change, change.flag));
  let dates = await read();
  for (const delay of READ_DELAYS) {
    const found = dates;
    if (outcomes.every((outcome) => outcome.status !== 'applied' || isLive(outcome.change, found))) break;
    await clock.sleep(delay, signal);
    dates = await read();
  }
  return dates;
}
