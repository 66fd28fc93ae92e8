const DAY = 86_400_000;
const MINUTE = 60_000;

/** The texts that the schema's format `date-time` accepts: RFC 3339, and zones without minutes or without a colon. */
const DATE_TIME =
  /^(?<minutes>\d{4}-\d\d-\d\d[Tt\s]\d\d:\d\d):(?<seconds>\d\d(?:\.\d+)?)(?:[Zz]|(?<sign>[+-])(?<hour>\d\d)(?::?(?<minute>\d\d))?)$/;

/**
 * Converts an expiry date (the end of that day, UTC) or a date-time with its zone (RFC 3339) to an instant.
 * `Date.parse` would not do: it accepts neither leap seconds nor all of these zones.
 * @param text accepted by the schema
 * @returns epoch milliseconds
 */
export function parseExpiry(text: string): number {
  if (!DATE_TIME.test(text)) return Date.parse(text) + DAY;
  const { minutes = '', seconds = '', sign, hour, minute } = DATE_TIME.exec(text)?.groups ?? {};
  const local = Date.parse(`${minutes.replace(/[t\s]/, 'T')}Z`) + Math.floor(Number(seconds) * 1000);
  const ahead = (Number(hour ?? 0) * 60 + Number(minute ?? 0)) * MINUTE;
  return sign === '-' ? local + ahead : local - ahead;
}
