import type { FlagWriter } from '../launchdarkly/client.js';
import type { Clock } from '../launchdarkly/clock.js';
import type { Change } from '../reconcile/plan.js';
import type { WritePolicy } from '../reconcile/write-policy.js';
import type { Outcome, Result } from './outcome.js';
import type { Progress } from './progress.js';

export interface ExecutionOptions {
  readonly writer: FlagWriter;
  readonly clock: Clock;
  /** Flags that are written to side by side. */
  readonly concurrency: number;
  /** How changes become requests. */
  readonly writes: WritePolicy;
  /** Whether a patch may break pending scheduled changes and approval requests. */
  readonly ignoreConflicts: boolean;
  /** Only asks whether each patch would be taken; `writes` must be `batch` then. */
  readonly dryRun: boolean;
  /** Starts nothing more; what is under way is finished. */
  readonly signal?: AbortSignal | undefined;
  /** The message for the audit log. */
  readonly commentOf: (change: Change) => string;
  /** Called after each change, in the order in which they end. */
  readonly onProgress?: ((progress: Progress, outcome: Outcome) => void) | undefined;
  /** Whether an override that moved elsewhere since the plan is left alone (`--expect`, `--plan`). */
  readonly strict: boolean;
}

/** How often one write may meet concurrent ones before it counts as failed. */
export const MAX_CONFLICTS = 8;

/** How one change ended, before it is told to anybody. */
export interface ChangeResult {
  readonly change: Change;
  readonly result: Result;
}
