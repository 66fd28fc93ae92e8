/** One line of the table: a measurement and its limit. */
export interface Row {
  readonly name: string;
  readonly value: string;
  /** Absent if there is no limit. */
  readonly limit?: string;
  /** False if the limit is missed. */
  readonly ok?: boolean;
  /** The same as numbers, for the chart and for readers of the JSON. */
  readonly data?: Readonly<Record<string, string | number>>;
}

/** A ratio with an upper limit. */
export function ratioRow(name: string, value: number, atMost: number): Row {
  return { name, value: `${value.toFixed(2)} x`, limit: `at most ${atMost} x`, ok: value <= atMost };
}

/** A measurement without a limit. */
export function info(name: string, value: string): Row {
  return { name, value };
}

/** `12,345`. */
export function whole(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
