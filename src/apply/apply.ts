import pLimit from 'p-limit';
import { type DateWrite, planDateWrites } from '../reconcile/date-writes.js';
import type { ExpiryChange } from '../reconcile/dates.js';
import type { Change, Plan, Withheld } from '../reconcile/plan.js';
import { scopedKey, type ScopeId } from '../reconcile/state.js';
import { changesOf, planWrites, type Write } from '../reconcile/writes.js';
import { applyDates, type DateResult, notChecked, withoutTarget } from './dates.js';
import type { ChangeResult, ExecutionOptions } from './options.js';
import { type DateOutcome, type Outcome, type Result, skipped, unknown } from './outcome.js';
import { applyPatch } from './patch.js';
import { applyPut } from './put.js';
import { StopRule } from './stop-rule.js';

/** How the changes of a plan ended, each list in the order of the plan. */
export interface AppliedChanges {
  readonly outcomes: readonly Outcome[];
  readonly dates: readonly DateOutcome[];
}

/**
 * Makes the changes with the requests that `writes` asks for: in plan order within a flag and environment, which take
 * one write at a time, and flags in parallel. The dates of a flag follow its changes. Never throws: every change has an
 * outcome.
 */
export async function applyChanges(
  { changes, dates }: Pick<Plan, 'changes' | 'dates'>,
  options: ExecutionOptions,
): Promise<AppliedChanges> {
  const outcomes = new Map<Change, Outcome>();
  const dateOutcomes = new Map<ExpiryChange, DateOutcome>();
  const total = changes.length + dates.length;
  const stopRule = new StopRule(options.signal);
  const problems = { failed: 0, unknown: 0 };
  const end = (change: Change, result: Result): Outcome => {
    const outcome = outcomeOf(change, result);
    outcomes.set(change, outcome);
    return outcome;
  };
  const endDate = (date: ExpiryChange, result: Result): DateOutcome => {
    const outcome = outcomeOf(date, result);
    dateOutcomes.set(date, outcome);
    return outcome;
  };
  const showEnded = (outcome: Outcome | DateOutcome): void => {
    if (outcome.status === 'failed' || outcome.status === 'unknown') problems[outcome.status] += 1;
    try {
      options.onProgress?.({ done: outcomes.size + dateOutcomes.size, total, ...problems }, outcome);
    } catch {
      // Progress that cannot be shown must not end the apply: its report would be lost.
    }
  };
  for (const change of changes) if (change.withheld !== undefined) end(change, withheld(change.withheld));
  for (const date of dates) if (date.withheld !== undefined) endDate(date, withheld(date.withheld));
  const overrides = new Map(
    (dates.length === 0 ? [] : changes).map((change) => [scopedKey(change, change), change]),
  );
  const overrideOf = (date: ExpiryChange): Outcome | undefined => {
    const change = overrides.get(scopedKey(date, date));
    return change && outcomes.get(change);
  };
  /** Writes the dates of one flag. Those of targets that are not live are not sent. */
  const writeDates = async (ofFlag: readonly ExpiryChange[]): Promise<void> => {
    const due = ofFlag.filter((date) => {
      const result = withoutTarget(overrideOf(date)) ?? (options.dryRun ? notChecked() : undefined);
      if (result !== undefined) endDate(date, result);
      return result === undefined;
    });
    let restOfFlag: Result | undefined;
    for (const write of planDateWrites(due, options.writes.values)) {
      const unsent = restOfFlag ?? stopRule.stopResult();
      if (unsent !== undefined) {
        for (const date of write) endDate(date, unsent);
        continue;
      }
      const ended = await applyDateWrite(write, (date) => overrideOf(date) !== undefined, options);
      restOfFlag ??= ended.find(({ result }) => result.extent === 'flag')?.result;
      stopRule.record(ended.map(({ result }) => result));
      for (const { change, result } of ended) showEnded(endDate(change, result));
    }
  };
  const limit = pLimit(options.concurrency);
  await Promise.all(
    queuesByFlag(planWrites(changes, options.writes), dates).map(({ writes, dates: ofFlag }) =>
      limit(async () => {
        let restOfFlag: Result | undefined;
        for (const write of writes) {
          const unsent = restOfFlag ?? stopRule.stopResult();
          if (unsent !== undefined) {
            for (const change of changesOf(write)) end(change, unsent);
            continue;
          }
          const ended = await applyWrite(write, options);
          restOfFlag ??= ended.find(({ result }) => result.extent === 'flag')?.result;
          stopRule.record(ended.map(({ result }) => result));
          for (const { change, result } of ended) showEnded(end(change, result));
        }
        await writeDates(ofFlag);
      }),
    ),
  );
  return {
    outcomes: changes.flatMap((change) => outcomes.get(change) ?? []),
    dates: dates.flatMap((date) => dateOutcomes.get(date) ?? []),
  };
}

function outcomeOf<Item>(change: Item, { ending, unanswered }: Result): Outcome<Item> {
  return { change, ...ending, ...(unanswered === true ? { unanswered } : {}) };
}

function withheld(why: Withheld): Result {
  return skipped('withheld', `withheld (${why})`);
}

async function applyDateWrite(
  write: DateWrite,
  isNewTarget: (date: ExpiryChange) => boolean,
  options: ExecutionOptions,
): Promise<readonly DateResult[]> {
  try {
    return await applyDates(write, isNewTarget, options);
  } catch (error) {
    const result = unexpected(error);
    return write.map((change) => ({ change, result }));
  }
}

async function applyWrite(write: Write, options: ExecutionOptions): Promise<readonly ChangeResult[]> {
  try {
    if (write.method === 'patch') return await applyPatch(write.changes, options);
    return await applyPut(write.change, options);
  } catch (error) {
    const result = unexpected(error);
    return changesOf(write).map((change) => ({ change, result }));
  }
}

/** Only a bug gets here. The write may have been made, and the other changes still need their outcomes. */
function unexpected(error: unknown): Result {
  const message = error instanceof Error ? error.message : String(error);
  return unknown('unexpected-after-write', `unexpected: ${message}`, error);
}

/** What is written to one flag in one environment, one write at a time. */
interface FlagQueue {
  readonly writes: readonly Write[];
  readonly dates: readonly ExpiryChange[];
}

/** One queue for each flag and environment, in plan order. */
function queuesByFlag(writes: readonly Write[], dates: readonly ExpiryChange[]): readonly FlagQueue[] {
  const queues = new Map<string, { readonly writes: Write[]; readonly dates: ExpiryChange[] }>();
  const queueOf = ({ project, environment, flag }: ScopeId & Pick<Change, 'flag'>) => {
    const key = JSON.stringify([project, environment, flag]);
    const queue = queues.get(key) ?? { writes: [], dates: [] };
    queues.set(key, queue);
    return queue;
  };
  for (const write of writes) queueOf(changesOf(write)[0]).writes.push(write);
  for (const date of dates) if (date.withheld === undefined) queueOf(date).dates.push(date);
  return [...queues.values()];
}
