/** How far the server's clock is ahead of ours, in milliseconds: somewhere in this interval. */
export interface ClockOffset {
  readonly from: number;
  readonly to: number;
}

/** `Date` headers have whole seconds. */
const SECOND = 1000;

/**
 * Narrows the offset by one answer. The server stamped it between sending and receiving, so every answer gives an
 * interval, and the intervals' intersection soon is as narrow as the fastest round trip.
 * @param known what was known, or undefined before the first dated answer
 * @param answer local epoch milliseconds of sending and receiving, and the `Date` header
 */
export function narrow(
  known: ClockOffset | undefined,
  answer: { readonly sent: number; readonly received: number; readonly date: number },
): ClockOffset {
  const fresh = { from: answer.date - answer.received, to: answer.date + SECOND - answer.sent };
  if (known === undefined) return fresh;
  const both = { from: Math.max(known.from, fresh.from), to: Math.min(known.to, fresh.to) };
  // Nothing in common: one of the clocks was set meanwhile, so what was known is worth nothing.
  return both.from <= both.to ? both : fresh;
}
