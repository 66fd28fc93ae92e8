export interface Point {
  readonly n: number;
  readonly ms: number;
}

/**
 * The exponent of growth over the last decade: the slope of log time over log n between the two largest sizes. Smaller
 * sizes do not count, since constant costs would make growth look slower than it is.
 */
export function exponent(points: readonly Point[]): number {
  const [before, last] = points.toSorted((a, b) => a.n - b.n).slice(-2);
  if (before === undefined || last === undefined) return Number.NaN;
  return Math.log(last.ms / before.ms) / Math.log(last.n / before.n);
}
