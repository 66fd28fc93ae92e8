/**
 * Limits for one file. They are far above what teams write, and low enough that a file is refused within about two
 * seconds and 300 MB of memory.
 */
export const LIMITS = {
  /** Bytes in one file. */
  bytes: 4 * 1024 * 1024,
  /** Nested maps and lists. */
  depth: 40,
  /** Total weight of all tokens (see `weigh` in tokens.ts). 100,000 overrides in block maps weigh 1,140,000. */
  weight: 1_200_000,
  /** Characters of one text, comment or run of blanks. */
  token: 1024 * 1024,
  /** Problems of one kind after which parsing stops. */
  problems: 1000,
  /** Problems of one file that are listed; the others are only counted. */
  shown: 50,
  /** Characters of a message, which may quote from the file. */
  message: 300,
} as const;
