import type { Row } from './row.js';

/** The latest measurement of each part. */
export type Results = Readonly<Record<string, Measurement>>;

interface Measurement {
  /** Version of Node. */
  readonly node: string;
  /** `2026-11-23`. */
  readonly date: string;
  readonly rows: readonly Row[];
}

/**
 * Replaces the results of the measured parts, and sorts all by part. Parts that no longer exist are dropped.
 */
export function mergeResults(
  known: Results,
  measured: ReadonlyMap<string, readonly Row[]>,
  when: Pick<Measurement, 'node' | 'date'>,
  parts: ReadonlySet<string>,
): Results {
  const merged = new Map(Object.entries(known).filter(([part]) => parts.has(part)));
  for (const [part, rows] of measured) merged.set(part, { ...when, rows: rows.map(rounded) });
  return Object.fromEntries([...merged].toSorted(([a], [b]) => Number(a > b) - Number(a < b)));
}

/** Rounds to four digits: more are noise, and make diffs of the results longer. */
function rounded(row: Row): Row {
  if (row.data === undefined) return row;
  const data = Object.entries(row.data).map(([name, value]) => [
    name,
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value,
  ]);
  return { ...row, data: Object.fromEntries(data) };
}
