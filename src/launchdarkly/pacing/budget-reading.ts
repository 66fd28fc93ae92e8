/** What a response reported about a budget, with its times in local time. */
export interface BudgetReading {
  readonly remaining: number;
  readonly limit: number | undefined;
  /** When the window resets, or undefined if that is not known. */
  readonly reset: ResetTime | undefined;
}

/** When a window resets in local time, within [received, received + window]. */
export interface ResetTime {
  readonly latest: number;
  readonly earliest: number;
  /** Whether the server's clock is known well enough to say that the reset is in the future. */
  readonly isCertain: boolean;
  /** As the server reported it, by the server's clock. */
  readonly serverTime: number;
  /** Whether it may be the reset of another budget: the global and the route budget share one header. */
  readonly isAmbiguous: boolean;
}
