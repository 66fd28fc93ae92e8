import { seededRandom } from '../../src/simulator/faults/random.js';

/** Pseudo-random choices. */
export interface Random {
  /** A whole number of at least 0, below `limit`. */
  readonly below: (limit: number) => number;
  readonly pick: <T>(list: readonly T[]) => T;
}

/** The same seed gives the same choices. */
export function randomFrom(seed: number): Random {
  const next = seededRandom(seed);
  const below = (limit: number): number => Math.floor(next() * limit);
  return {
    below,
    pick: (list) => {
      const found = list.slice(below(list.length))[0];
      if (found === undefined) throw new TypeError('nothing to pick from');
      return found;
    },
  };
}
