/** Mutants that no test can or should kill, with one reason for all of them. */
export interface Accepted {
  readonly why: string;
  /** The mutated lines, as `npm run mutate` prints them. */
  readonly mutants: readonly string[];
}

/** All mutants that are known to survive, by file. `npm run mutate` fails for any other, and for any that is killed. */
export const SURVIVORS: Readonly<Record<string, readonly Accepted[]>> = {};
