const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Converts a duration that the schema has accepted, such as `30s`, to milliseconds. */
export function parseDuration(text: string): number {
  const unit = text.replace(/^\d+/, '');
  return Number.parseInt(text, 10) * (MILLISECONDS[unit] ?? 1);
}

/** Converts a number of days that the schema has accepted, such as `90d`. */
export function parseDays(text: string): number {
  return Number.parseInt(text, 10);
}

/** Converts a percentage that the schema has accepted, such as `30%`, to a fraction. */
export function parsePercent(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}
