const MILLISECONDS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Milliseconds of a duration that the schema has accepted, for example `30s`. */
export function parseDuration(text: string): number {
  const unit = text.replace(/^\d+/, '');
  return Number.parseInt(text, 10) * (MILLISECONDS[unit] ?? 1);
}

/** The fraction of a percentage that the schema has accepted, for example 0.3 of `30%`. */
export function parsePercent(text: string): number {
  return Number(text.slice(0, -1)) / 100;
}
