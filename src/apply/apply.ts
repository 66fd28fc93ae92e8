import pLimit from 'p-limit';
import type { Change } from '../reconcile/plan.js';
import { changesOf, planWrites, type Write } from '../reconcile/writes.js';
import type { ChangeResult, ExecutionOptions } from './options.js';
import { skipped, type Outcome, type Result, unknown } from './outcome.js';
import { applyPatch } from './patch.js';
import { ProgressMeter } from './progress.js';
import { applyPut } from './put.js';
import { StopRule } from './stop-rule.js';

/**
 * Makes the changes with the requests that `writes` asks for: in plan order within a flag and environment, which take
 * one write at a time, and flags in parallel. Never throws: every change has an outcome, in the order of `changes`.
 */
export async function applyChanges(
  changes: readonly Change[],
  options: ExecutionOptions,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Change, Outcome>();
  const progress = new ProgressMeter(options.clock.now());
  const stopRule = new StopRule(options.signal);
  let unknowns = 0;
  const end = (change: Change, result: Result): Outcome => {
    const { ending, unanswered } = result;
    const outcome = { change, ...ending, ...(unanswered === true ? { unanswered } : {}) };
    outcomes.set(change, outcome);
    return outcome;
  };
  const endSent = (change: Change, result: Result): void => {
    const outcome = end(change, result);
    if (outcome.status === 'unknown') unknowns += 1;
    try {
      const pace = progress.ended(outcomes.size, changes.length, options.clock.now());
      options.onProgress?.({ ...pace, unknown: unknowns }, outcome);
    } catch {
      // Progress that cannot be shown must not end the apply: its report would be lost.
    }
  };
  for (const change of changes) {
    if (change.withheld !== undefined) end(change, skipped('withheld', `withheld (${change.withheld})`));
  }
  const limit = pLimit(options.concurrency);
  await Promise.all(
    queuesByFlag(planWrites(changes, options.writes)).map((queue) =>
      limit(async () => {
        let restOfFlag: Result | undefined;
        for (const write of queue) {
          const unsent = restOfFlag ?? stopRule.stopResult();
          if (unsent !== undefined) {
            for (const change of changesOf(write)) end(change, unsent);
            continue;
          }
          const ended = await applyWrite(write, options);
          restOfFlag ??= ended.find(({ result }) => result.extent === 'flag')?.result;
          stopRule.record(ended.map(({ result }) => result));
          for (const { change, result } of ended) endSent(change, result);
        }
      }),
    ),
  );
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

async function applyWrite(write: Write, options: ExecutionOptions): Promise<readonly ChangeResult[]> {
  try {
    if (write.method === 'patch') return await applyPatch(write.changes, options);
    return await applyPut(write.change, options);
  } catch (error) {
    // Only a bug gets here. The write may have been made, and the other changes still need their outcomes.
    const message = error instanceof Error ? error.message : String(error);
    return changesOf(write).map((change) => ({
      change,
      result: unknown('unexpected-after-write', `unexpected: ${message}`, error),
    }));
  }
}

/** One queue for each flag and environment, in plan order. */
function queuesByFlag(writes: readonly Write[]): readonly (readonly Write[])[] {
  const queues = new Map<string, Write[]>();
  for (const write of writes) {
    const [{ project, environment, flag }] = changesOf(write);
    const key = JSON.stringify([project, environment, flag]);
    const queue = queues.get(key);
    if (queue === undefined) queues.set(key, [write]);
    else queue.push(write);
  }
  return [...queues.values()];
}
