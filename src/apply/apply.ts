import pLimit from 'p-limit';
import type { FlagWriter } from '../launchdarkly/client.js';
import type { Clock } from '../launchdarkly/clock.js';
import { backoff } from '../launchdarkly/retry.js';
import type { Change } from '../reconcile/plan.js';
import { judge, TRY_AGAIN } from './judge.js';
import { outcomeOf, verdict, type Outcome, type Verdict } from './outcome.js';
import { Pace, type Progress } from './progress.js';

export interface ApplyOptions {
  readonly writer: FlagWriter;
  readonly clock: Clock;
  /** Flags that are written to side by side. */
  readonly concurrency: number;
  /** Starts nothing more; what is under way is finished. */
  readonly signal?: AbortSignal | undefined;
  /** The message for the audit log. */
  readonly commentOf: (change: Change) => string;
  /** Called after each change, in the order in which they end. */
  readonly onProgress?: ((progress: Progress, outcome: Outcome) => void) | undefined;
  /** Whether an override that moved elsewhere since the plan is left alone (`--expect`, `--plan`). */
  readonly strict: boolean;
}

/** How often one change may meet concurrent writes before it counts as failed. */
const CONFLICTS = 8;

/** So many changes in a row that LaunchDarkly does not answer mean that it will not answer the others either. */
const SILENCES = 4;

/**
 * Makes the changes, one write a change: in plan order within a flag and environment, which take one write at a time,
 * and flags side by side. Never throws: every change has an outcome, in the order of `changes`.
 */
export async function applyChanges(
  changes: readonly Change[],
  options: ApplyOptions,
): Promise<readonly Outcome[]> {
  const outcomes = new Map<Change, Outcome>();
  const pace = new Pace(options.clock.now());
  const run = new Run();
  const end = (change: Change, ending: Verdict): void => {
    const outcome = outcomeOf(change, ending);
    outcomes.set(change, outcome);
    options.onProgress?.(pace.ended(outcomes.size, changes.length, options.clock.now()), outcome);
  };
  const limit = pLimit(options.concurrency);
  await Promise.all(
    byFlag(changes).map((queue) =>
      limit(async () => {
        let rest: Verdict | undefined;
        for (const change of queue) {
          const ending = rest ?? run.over(options.signal) ?? (await applyOne(change, options));
          if (ending.reach === 'flag') rest = ending;
          run.note(ending);
          end(change, ending);
        }
      }),
    ),
  );
  return changes.flatMap((change) => outcomes.get(change) ?? []);
}

async function applyOne(change: Change, options: ApplyOptions): Promise<Verdict> {
  const { writer, clock } = options;
  if (change.withheld !== undefined) return verdict('skipped', 'withheld', `withheld (${change.withheld})`);
  if (change.after?.value === null) {
    // LaunchDarkly takes a null for "no override", which is not what was asked for.
    return verdict('failed', 'not-settable', 'a variation whose value is null cannot be set by a PUT');
  }
  for (let conflicts = 1; ; conflicts += 1) {
    try {
      await writer.putSetting(change, change, change.after?.value ?? null, options.commentOf(change));
      return verdict('applied', 'written', '');
    } catch (error) {
      const judged = await judge(error, change, options);
      if (judged !== TRY_AGAIN) return judged;
      if (conflicts >= CONFLICTS) {
        const message = `${change.flag} in ${change.environment} was being written to by others ${CONFLICTS} times in a row`;
        return verdict('failed', 'conflict', message, { cause: error });
      }
      await clock.sleep(backoff(conflicts, clock.random()) / 2);
    }
  }
}

/** The changes of one flag in one environment each, in plan order. */
function byFlag(changes: readonly Change[]): readonly (readonly Change[])[] {
  const queues = new Map<string, Change[]>();
  for (const change of changes) {
    const key = JSON.stringify([change.project, change.environment, change.flag]);
    const queue = queues.get(key);
    if (queue === undefined) queues.set(key, [change]);
    else queue.push(change);
  }
  return [...queues.values()];
}

/** Whether anything may still be started. */
class Run {
  #end: Verdict | undefined;
  #silences = 0;

  over(signal: AbortSignal | undefined): Verdict | undefined {
    if (this.#end === undefined && signal?.aborted === true) {
      this.#end = verdict('skipped', 'interrupted', 'interrupted');
    }
    return this.#end;
  }

  note(ending: Verdict): void {
    if (this.#end !== undefined) return;
    const silent = ending.reason === 'unreachable' || ending.reason === 'unavailable';
    this.#silences = silent ? this.#silences + 1 : 0;
    if (ending.reach !== 'run' && this.#silences < SILENCES) return;
    this.#end =
      ending.status === 'skipped'
        ? { ...ending, reach: 'change' }
        : verdict('skipped', 'stopped', `not started: ${ending.message}`);
  }
}
