/**
 * What a file may hold. Far above what teams write, and below what makes a parser slow or a stack overflow.
 */
export const LIMITS = {
  /** Bytes in one file. */
  bytes: 16 * 1024 * 1024,
  /** Maps and lists inside one another. */
  depth: 40,
  /** Schema violations told of one file; the rest is counted. */
  violations: 50,
} as const;
