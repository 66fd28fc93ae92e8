import pLimit from 'p-limit';
import type { Change } from '../reconcile/plan.js';
import { planWrites, type Write } from '../reconcile/writes.js';
import type { ExecutionOptions, ChangeResult } from './options.js';
import { outcomeOf, result, type Outcome, type Result } from './outcome.js';
import { applyPatch } from './patch.js';
import { ProgressMeter } from './progress.js';
import { applyPut } from './put.js';

/** So many writes in a row that LaunchDarkly does not answer mean that it will not answer the others either. */
const MAX_UNANSWERED = 4;

/**
 * Makes the changes with the requests that `writes` asks for: in plan order within a flag and environment, which take
 * one write at a time, and flags side by side. Never throws: every change has an outcome, in the order of `changes`.
 */
export async function applyChanges(
  changes: readonly Change[],
  options: ExecutionOptions,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Change, Outcome>();
  const pace = new ProgressMeter(options.clock.now());
  const run = new StopRule();
  const end = (change: Change, ending: Result): void => {
    const outcome = outcomeOf(change, ending);
    outcomes.set(change, outcome);
    options.onProgress?.(pace.ended(outcomes.size, changes.length, options.clock.now()), outcome);
  };
  for (const change of changes) {
    if (change.withheld !== undefined)
      end(change, result('skipped', 'withheld', `withheld (${change.withheld})`));
  }
  const limit = pLimit(options.concurrency);
  await Promise.all(
    byFlag(planWrites(changes, options.writes)).map((queue) =>
      limit(async () => {
        let rest: Result | undefined;
        for (const write of queue) {
          const early = rest ?? run.stopResult(options.signal);
          const ended =
            early === undefined
              ? await applyWrite(write, options)
              : write.changes.map((change) => ({ change, result: early }));
          rest ??= ended.find((one) => one.result.extent === 'flag')?.result;
          run.record(ended.map((one) => one.result));
          for (const one of ended) end(one.change, one.result);
        }
      }),
    ),
  );
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

async function applyWrite(
  { method, changes }: Write,
  options: ExecutionOptions,
): Promise<readonly ChangeResult[]> {
  if (method === 'patch') return applyPatch(changes, options);
  const [change] = changes;
  return [{ change, result: await applyPut(change, options) }];
}

/** The writes to one flag in one environment each, in plan order. */
function byFlag(writes: readonly Write[]): readonly (readonly Write[])[] {
  const queues = new Map<string, Write[]>();
  for (const write of writes) {
    const [{ project, environment, flag }] = write.changes;
    const key = JSON.stringify([project, environment, flag]);
    const queue = queues.get(key);
    if (queue === undefined) queues.set(key, [write]);
    else queue.push(write);
  }
  return [...queues.values()];
}

/** Whether anything may still be started. */
class StopRule {
  #end: Result | undefined;
  #silences = 0;

  stopResult(signal: AbortSignal | undefined): Result | undefined {
    if (this.#end === undefined && signal?.aborted === true) {
      this.#end = result('skipped', 'interrupted', 'interrupted');
    }
    return this.#end;
  }

  /** Takes in how the changes of one write ended. */
  record(endings: readonly Result[]): void {
    if (this.#end !== undefined) return;
    const silence = endings.find(({ reason }) => reason === 'unreachable' || reason === 'unavailable');
    this.#silences = silence === undefined ? 0 : this.#silences + 1;
    const last = endings.find(({ extent }) => extent === 'run');
    const ending = last ?? (this.#silences < MAX_UNANSWERED ? undefined : silence);
    if (ending === undefined) return;
    this.#end =
      ending.status === 'skipped'
        ? { ...ending, extent: 'change' }
        : result('skipped', 'stopped', `not started: ${ending.message}`);
  }
}
