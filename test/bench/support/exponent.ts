export interface Point {
  readonly n: number;
  readonly ms: number;
}

/**
 * How time grows over the last decade: the slope of log time over log n between the two largest sizes. Smaller sizes
 * have no say, since what does not grow at all would flatter the rest.
 */
export function exponent(points: readonly Point[]): number {
  const [before, last] = points.toSorted((a, b) => a.n - b.n).slice(-2);
  if (before === undefined || last === undefined) return Number.NaN;
  return Math.log(last.ms / before.ms) / Math.log(last.n / before.n);
}
