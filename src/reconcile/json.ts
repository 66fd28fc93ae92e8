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
