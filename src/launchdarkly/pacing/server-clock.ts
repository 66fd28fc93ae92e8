/** How far the server's clock is ahead of ours, in milliseconds: somewhere in this interval. */
export interface ClockOffset {
  readonly min: number;
  readonly max: number;
}

/** `Date` headers have whole seconds. */
const SECOND = 1000;

/**
 * Narrows the offset by one answer. The server stamped it between sending and receiving, so every answer gives an
 * interval, and the intervals' intersection soon is as narrow as the fastest round trip.
 * @param known what was known, or undefined before the first dated answer
 * @param answer local epoch milliseconds of sending and receiving, and the `Date` header
 */
export function narrowClockOffset(
  known: ClockOffset | undefined,
  answer: { readonly sent: number; readonly received: number; readonly date: number },
): ClockOffset {
  const fresh = { min: answer.date - answer.received, max: answer.date + SECOND - answer.sent };
  if (known === undefined) return fresh;
  const both = { min: Math.max(known.min, fresh.min), max: Math.min(known.max, fresh.max) };
  // Nothing in common: one of the clocks was set meanwhile, so what was known is worth nothing.
  return both.min <= both.max ? both : fresh;
}
