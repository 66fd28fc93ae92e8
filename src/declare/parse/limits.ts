/**
 * Overrides in one run, with groups and environments expanded. SDKs would have problems with this many long before
 * flagops does.
 */
export const MAX_OVERRIDES = 500_000;

/** Bytes of all declarations together: twice what the maximum number of overrides takes. */
export const MAX_BYTES = 64 * 1024 * 1024;

/** Errors, and warnings, that each step reports; after this many errors, no more files are read. */
export const MAX_DIAGNOSTICS = 1000;
