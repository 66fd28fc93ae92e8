import { OperatorError } from '../../diagnostics/operator-error.js';

/** Requests allowed in each window of ten seconds. Undefined means no limit, and no headers about it. */
export interface RateLimits {
  /** All requests of all tokens together. */
  readonly global?: number | undefined;
  /** Requests to each route that writes. */
  readonly route?: number | undefined;
  /** Requests to each route that only reads. */
  readonly reads?: number | undefined;
  /** All requests of one token. */
  readonly token?: number | undefined;
}

const NAMES = ['global', 'route', 'reads', 'token'] as const;

/**
 * Parses limits from JSON, where null means no limit. The result contains only the limits that are named.
 * @throws OperatorError `bad-limits`
 */
export function parseRateLimits(value: unknown): RateLimits {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw bad('limits must be an object');
  const limits: Record<string, number | undefined> = {};
  for (const [name, limit] of Object.entries(value)) {
    if (!NAMES.some((known) => known === name)) throw bad(`unknown limit ${JSON.stringify(name)}`);
    if (limit !== null && !(typeof limit === 'number' && Number.isInteger(limit) && limit >= 0)) {
      throw bad(`${name} must be a whole number, or null for none`);
    }
    limits[name] = limit ?? undefined;
  }
  return limits;
}

function bad(message: string): OperatorError {
  return new OperatorError('bad-limits', message, { hint: `the limits are ${NAMES.join(', ')}` });
}
