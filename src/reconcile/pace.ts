/** How fast writes of one sort are expected to go: so many in so many seconds, and how that is known. */
export interface Pace {
  readonly writes: number;
  readonly seconds: number;
  /** LaunchDarkly said so, in this run or an earlier one; the configuration does; or it is only prudent. */
  readonly basis: 'seen' | 'configured' | 'assumed';
}

/** The paces of the sorts of writes. Each has a budget of its own at LaunchDarkly. */
export interface Paces {
  /** PUTs for kind `user`; absent where they go the way of the other kinds. */
  readonly users?: Pace;
  /** PUTs for every other kind. */
  readonly contexts: Pace;
  readonly patches: Pace;
  /** All writes together; absent where nothing limits them. */
  readonly all?: Pace;
}

/** Requests in a window that LaunchDarkly was last seen to allow; what was never seen is absent. */
export interface SeenLimits {
  readonly users?: number | undefined;
  readonly contexts?: number | undefined;
  readonly patches?: number | undefined;
  /** Of the account, or of the token where that is less. */
  readonly all?: number | undefined;
}

interface PaceOptions {
  readonly seen: SeenLimits;
  /** The endpoint that kind `user` is expected to be written through. */
  readonly api: 'users' | 'contexts';
  /** `rate` of the configuration. */
  readonly rate: { readonly writesPerSecond: number | null; readonly reserve: number };
}

/** LaunchDarkly's windows, in seconds. */
const WINDOW_SECONDS = 10;

/** What to reckon with where LaunchDarkly has not said otherwise yet. */
const ASSUMED_PACE: Pace = { writes: 5, seconds: WINDOW_SECONDS, basis: 'assumed' };

/** Works out how fast writes will go: what was seen without the reserve, and never over the configured ceiling. */
export function pacesOf({ seen, api, rate }: PaceOptions): Paces {
  const free = (limit: number): Pace => ({
    // As the gate has it: the reserve is rounded down, and something is always left.
    writes: Math.max(1, limit - Math.floor(limit * rate.reserve)),
    seconds: WINDOW_SECONDS,
    basis: 'seen',
  });
  const ofRoute = (limit: number | undefined): Pace => (limit === undefined ? ASSUMED_PACE : free(limit));
  const ceiling: Pace[] =
    rate.writesPerSecond === null
      ? []
      : [{ writes: rate.writesPerSecond * WINDOW_SECONDS, seconds: WINDOW_SECONDS, basis: 'configured' }];
  const all = slowest([...ceiling, ...(seen.all === undefined ? [] : [free(seen.all)])]);
  return {
    ...(api === 'users' ? { users: ofRoute(seen.users) } : {}),
    contexts: ofRoute(seen.contexts),
    patches: ofRoute(seen.patches),
    ...(all === undefined ? {} : { all }),
  };
}

function slowest(paces: readonly Pace[]): Pace | undefined {
  return paces.toSorted((a, b) => a.writes - b.writes)[0];
}
