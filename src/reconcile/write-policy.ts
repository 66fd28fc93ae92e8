/** How changes become requests: `writes` and `batch.values` of the configuration. */
export interface WritePolicy {
  /**
   * `put`: one PUT for each change. `batch`: one patch for the changes that a commit makes to a flag in an environment.
   * `auto`: a PUT for a single change, otherwise a patch.
   */
  readonly mode: 'put' | 'batch' | 'auto';
  /** The maximum number of context keys in one patch; an update contains its key twice. */
  readonly values: number;
}
