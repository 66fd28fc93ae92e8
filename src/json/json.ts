import canonicalize from 'canonicalize';

/** A JSON value (RFC 8259). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The canonical text of a value (RFC 8785). Two values are deeply equal if and only if their texts are equal. */
export function canonical(value: Json): string {
  // Most settings are booleans; the general path costs twenty times as much.
  if (typeof value === 'boolean' || value === null) return String(value);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/**
 * Finds a value that has no canonical text: a number such as `1e400`, or half of a surrogate pair.
 * @param value a result of `JSON.parse` that is not deeply nested
 * @returns a predicate that describes it, or undefined if there is none
 */
export function flawIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'holds half of a surrogate pair';
  if (typeof value === 'number')
    return Number.isFinite(value) ? undefined : 'holds a number that is too large';
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, item] of Object.entries(value)) {
    const flaw = flawIn(key) ?? flawIn(item);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}
