/** How far the server's clock is ahead of ours, in milliseconds: somewhere between these two. */
export interface ClockOffset {
  readonly min: number;
  readonly max: number;
}

/** The precision of `Date` headers, in milliseconds. */
const SECOND = 1000;

/**
 * Narrows the offset with one response. The server set its `Date` between our sending and receiving, so each response
 * gives an interval, and their intersection soon is as narrow as the fastest round trip.
 * @param known the offset so far, or undefined before the first response with a `Date`
 * @param response local epoch milliseconds of sending and receiving, and the `Date` header
 */
export function narrowClockOffset(
  known: ClockOffset | undefined,
  response: { readonly sent: number; readonly received: number; readonly date: number },
): ClockOffset {
  const latest = { min: response.date - response.received, max: response.date + SECOND - response.sent };
  if (known === undefined) return latest;
  const both = { min: Math.max(known.min, latest.min), max: Math.min(known.max, latest.max) };
  // No intersection: one of the clocks was set in the meantime, so only the latest response counts.
  return both.min <= both.max ? both : latest;
}
