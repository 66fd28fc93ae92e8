/** How changes become requests: `writes` and `batch.values` of the configuration. */
export interface WritePolicy {
  /**
   * `put`: one PUT a change. `batch`: one patch for what a commit changes of a flag in an environment. `auto`: a PUT
   * where that is one override, else a patch.
   */
  readonly mode: 'put' | 'batch' | 'auto';
  /** The most context keys in one patch; an update holds its key twice. */
  readonly values: number;
}
