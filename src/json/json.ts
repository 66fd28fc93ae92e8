import canonicalize from 'canonicalize';

/** A JSON value (RFC 8259). */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** The canonical text of a value (RFC 8785). Two values are deeply equal exactly when these texts are. */
export function canonical(value: Json): string {
  // Most settings are booleans; the general path costs twenty times as much.
  if (typeof value === 'boolean' || value === null) return String(value);
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('not a JSON value');
  return text;
}

/**
 * What is in a parsed JSON text that has no canonical text: a number such as `1e400`, or half of a surrogate pair.
 * @param value as `JSON.parse` makes it, and not nested deeply
 * @returns the end of a sentence, or undefined if there is nothing of the kind
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
