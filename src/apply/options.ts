import type { FlagWriter } from '../launchdarkly/client.js';
import type { Clock } from '../launchdarkly/clock.js';
import type { ExpiryChange } from '../reconcile/dates.js';
import type { Change } from '../reconcile/plan.js';
import type { WritePolicy } from '../reconcile/write-policy.js';
import type { DateOutcome, Outcome, Result } from './outcome.js';
import type { Progress } from './progress.js';

/** Options for applying changes. */
export interface ExecutionOptions {
  readonly writer: FlagWriter;
  readonly clock: Clock;
  /** How many flags are written to in parallel. */
  readonly concurrency: number;
  /** How changes become requests. */
  readonly writes: WritePolicy;
  /** Whether a patch may break pending scheduled changes and approval requests. */
  readonly ignoreConflicts: boolean;
  /** Only asks whether each patch would be accepted; `writes` must be `batch` then. */
  readonly dryRun: boolean;
  /** Once aborted, no further write is started; those that were sent are finished. */
  readonly signal?: AbortSignal | undefined;
  /** The comment for the audit log. */
  readonly commentOf: (change: Change | ExpiryChange) => string;
  /** Called after each change that was sent, in the order in which they end; the others would distort the pace. */
  readonly onProgress?: ((progress: Progress, outcome: Outcome | DateOutcome) => void) | undefined;
  /** Whether an override that was changed elsewhere since the plan is left alone (`--expect`, `--plan`). */
  readonly strict: boolean;
}

/** After this many conflicts with other writes in a row, a write has failed. */
export const MAX_CONFLICTS = 8;

/** The result of one change of a write. */
export interface ChangeResult {
  readonly change: Change;
  readonly result: Result;
}
