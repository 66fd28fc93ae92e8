import type { HistoryAnswer as KnownAnswer } from '../../reconcile/ownership.js';
import type { Setting } from '../../reconcile/state.js';

/** What history says about one override, with more than a plan needs. */
export interface OverrideHistory extends KnownAnswer {
  /** What the scope's last-applied commit declares. `none` (the declared wish for no override) gives no ownership. */
  readonly declaredAtLastApplied?: Setting;
}

export interface HistoryResult {
  /** By `scopedKey`. */
  readonly answers: ReadonlyMap<string, OverrideHistory>;
  /** What in history does not parse, and therefore owns nothing. One line each. */
  readonly warnings: readonly string[];
  readonly statistics: {
    /** Commits that were looked at. */
    readonly commits: number;
    /** Declaration files of the past that were parsed. */
    readonly blobsParsed: number;
  };
}
