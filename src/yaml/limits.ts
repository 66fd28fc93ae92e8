/**
 * What a file may hold. Far above what teams write, and below what takes more than about 300 MB of memory and two
 * seconds to refuse.
 */
export const LIMITS = {
  /** Bytes in one file. */
  bytes: 4 * 1024 * 1024,
  /** Maps and lists inside one another. */
  depth: 40,
  /**
   * What the tokens of a file weigh: texts, signs, blanks and line breaks. 100,000 overrides in block maps weigh
   * 1,140,000.
   */
  weight: 1_200_000,
  /** Characters of one text, comment or run of blanks. */
  token: 1024 * 1024,
  /** Problems of one sort after which a file is not read any further. */
  problems: 1000,
  /** Problems of one file that are shown; the rest is counted. */
  shown: 50,
  /** Characters of a message that quotes from a file. */
  message: 300,
} as const;
