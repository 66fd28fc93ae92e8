/** An entry of LaunchDarkly's audit log about one flag. */
export interface LoggedChange {
  readonly id: string;
  /** Epoch milliseconds. */
  readonly date: number;
  /** The member, token or application that made the change, in one line. */
  readonly by: string;
  readonly comment: string | undefined;
  /** Whether individual targets changed. */
  readonly ofTargets: boolean;
  /** LaunchDarkly's description. It may name the contexts, but need not. */
  readonly text: string;
}

/** Indexes of variations by `contextKey`. */
type TargetedVariations = ReadonlyMap<string, number>;

/** The targets of a flag in one environment before and after a logged change. */
export interface LoggedTargets {
  readonly before: TargetedVariations;
  readonly after: TargetedVariations;
}
