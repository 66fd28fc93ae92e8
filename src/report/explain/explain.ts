import type { Explanation } from '../../reconcile/explain.js';
import type { Commit, OverrideId, ScopeId } from '../../reconcile/state.js';

/** What `flagops explain` prints. */
export interface ExplainReport {
  readonly baseUrl: string;
  readonly head: Commit | undefined;
  readonly context: Pick<OverrideId, 'kind' | 'key'>;
  /** The flag that was asked about; undefined for all with an override of the context. */
  readonly flag: string | undefined;
  /** Every scope that was read. */
  readonly scopes: readonly ScopeId[];
  /** Sorted by project, environment and flag. */
  readonly explanations: readonly Explanation[];
  /** One line each. */
  readonly warnings: readonly string[];
  /** What may have been meant by the context, if none of its overrides is declared or live. */
  readonly hint: string | undefined;
}
