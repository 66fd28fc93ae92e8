/** What the prune modes look at in a live override that is not desired. */
interface Circumstances {
  /** Whether anything is declared for its context. */
  readonly contextDeclared: boolean;
}

/** Everything in which prune modes differ. */
interface PruneRules {
  /** Orders the modes: a mode with a higher number removes everything that one with a lower number removes, and more. */
  readonly extent: number;
  /** Whether an override that is not ours is removed. */
  readonly removesOthers: (circumstances: Circumstances) => boolean;
  /** Whether an override that is ours and no longer declared is removed. */
  readonly removesOurs: boolean;
  /** Which flags are read from LaunchDarkly besides those that are declared: those in which overrides can be ours, or all. */
  readonly reads: 'declared' | 'ours' | 'all';
  /** Whether a shallow clone is refused, since it does not show what is ours. */
  readonly refusesShallow: boolean;
  /** What the limits of a scope are a share of: the live overrides that are ours, or all of them. */
  readonly limitsAreShareOf: 'ours' | 'live';
}

/** The values of `prune`, and what each means. The schemas list the same values. */
export const PRUNE_MODES = {
  never: {
    extent: 0,
    removesOthers: () => false,
    removesOurs: false,
    reads: 'declared',
    refusesShallow: false,
    limitsAreShareOf: 'ours',
  },
  owned: {
    extent: 1,
    removesOthers: () => false,
    removesOurs: true,
    reads: 'ours',
    refusesShallow: true,
    limitsAreShareOf: 'ours',
  },
  contexts: {
    extent: 2,
    removesOthers: ({ contextDeclared }) => contextDeclared,
    removesOurs: true,
    reads: 'all',
    refusesShallow: false,
    limitsAreShareOf: 'ours',
  },
  environment: {
    extent: 3,
    removesOthers: () => true,
    removesOurs: true,
    reads: 'all',
    refusesShallow: false,
    limitsAreShareOf: 'live',
  },
} as const satisfies Readonly<Record<string, PruneRules>>;

/** Which live overrides are removed if they are not declared. */
export type PruneMode = keyof typeof PRUNE_MODES;

export function pruneRules(mode: PruneMode): PruneRules {
  return PRUNE_MODES[mode];
}
