/** The most overrides in one run, groups and environments multiplied out: beyond it SDKs suffer long before we do. */
export const MAX_OVERRIDES = 500_000;
