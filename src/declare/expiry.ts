import type { Expiry } from '../reconcile/state.js';

const DAY = 86_400_000;

/**
 * The instant at which something expires that was declared with a date (it ends with that day, UTC) or with a
 * date-time and its zone (RFC 3339).
 * @param text accepted by the schema
 */
export function parseExpiry(text: string): Expiry {
  return { at: /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) + DAY : Date.parse(text), text };
}
