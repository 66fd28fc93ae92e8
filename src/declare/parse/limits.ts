/** The most overrides in one run, groups and environments multiplied out: beyond it SDKs suffer long before we do. */
export const MAX_OVERRIDES = 500_000;

/** Bytes of all declarations together: twice what as many overrides take. */
export const MAX_BYTES = 64 * 1024 * 1024;

/** Errors, and warnings, that each step reports; after so many errors no more files are read. */
export const MAX_DIAGNOSTICS = 1000;
