/** How fast one kind of write is expected to go: `writes` requests in `seconds`. */
export interface Pace {
  readonly writes: number;
  readonly seconds: number;
  /** Where it comes from: LaunchDarkly's headers in this run or an earlier one, the configuration, or a cautious guess. */
  readonly basis: 'seen' | 'configured' | 'assumed';
}

/** The paces of all kinds of writes. LaunchDarkly has a separate budget for each. */
export interface Paces {
  /** PUTs for kind `user`; absent if they use the endpoint of the other kinds. */
  readonly users?: Pace;
  /** PUTs for every other kind. */
  readonly contexts: Pace;
  readonly patches: Pace;
  /** Patches of dates. */
  readonly dates: Pace;
  /** All writes together; absent if nothing limits them. */
  readonly all?: Pace;
}

/** How many requests in a window LaunchDarkly was last seen to allow; absent if never seen. */
export interface SeenLimits {
  readonly users?: number | undefined;
  readonly contexts?: number | undefined;
  readonly patches?: number | undefined;
  readonly dates?: number | undefined;
  /** Of the account, or of the token if that is less. */
  readonly all?: number | undefined;
}

interface PaceOptions {
  readonly seen: SeenLimits;
  /** The endpoint that is expected to serve writes for kind `user`. */
  readonly api: 'users' | 'contexts';
  /** `rate` of the configuration. */
  readonly rate: { readonly writesPerSecond: number | null; readonly reserve: number };
}

/** The length of LaunchDarkly's rate limit windows, in seconds. */
const WINDOW_SECONDS = 10;

/** Assumed until LaunchDarkly has reported a limit. */
const ASSUMED_PACE: Pace = { writes: 5, seconds: WINDOW_SECONDS, basis: 'assumed' };

/** The paces to expect: the limits that were seen, less the reserve, and never over the configured ceiling. */
export function pacesOf({ seen, api, rate }: PaceOptions): Paces {
  const withoutReserve = (limit: number): Pace => ({
    // Rounded as in the pacing of requests: the reserve down, and at least one request is left.
    writes: Math.max(1, limit - Math.floor(limit * rate.reserve)),
    seconds: WINDOW_SECONDS,
    basis: 'seen',
  });
  const routePace = (limit: number | undefined): Pace =>
    limit === undefined ? ASSUMED_PACE : withoutReserve(limit);
  const ceiling: Pace[] =
    rate.writesPerSecond === null
      ? []
      : [{ writes: rate.writesPerSecond * WINDOW_SECONDS, seconds: WINDOW_SECONDS, basis: 'configured' }];
  const all = slowest([...ceiling, ...(seen.all === undefined ? [] : [withoutReserve(seen.all)])]);
  return {
    ...(api === 'users' ? { users: routePace(seen.users) } : {}),
    contexts: routePace(seen.contexts),
    patches: routePace(seen.patches),
    dates: routePace(seen.dates),
    ...(all === undefined ? {} : { all }),
  };
}

function slowest(paces: readonly Pace[]): Pace | undefined {
  return paces.toSorted((a, b) => a.writes - b.writes)[0];
}
