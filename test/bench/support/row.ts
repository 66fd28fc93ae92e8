/** One line of the table: what was measured, and what it must be. */
export interface Row {
  readonly name: string;
  readonly value: string;
  /** Absent where nothing was promised. */
  readonly limit?: string;
  /** False where the limit is missed. */
  readonly ok?: boolean;
  /** The same as numbers, for the chart and for whoever reads the JSON. */
  readonly data?: Readonly<Record<string, string | number>>;
}

/** A ratio with the most that it may be. */
export function ratioRow(name: string, value: number, atMost: number): Row {
  return { name, value: `${value.toFixed(2)} x`, limit: `at most ${atMost} x`, ok: value <= atMost };
}

/** A figure without a promise. */
export function info(name: string, value: string): Row {
  return { name, value };
}

/** `12,345`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
