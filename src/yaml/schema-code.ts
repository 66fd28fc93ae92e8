import type { SchemaCode } from '../diagnostics/codes.js';

/** The keywords of the project's schemas that a file can violate. */
const CODES = {
  additionalProperties: 'unknown-key',
  anyOf: 'bad-value',
  const: 'bad-value',
  enum: 'bad-value',
  exclusiveMinimum: 'out-of-range',
  format: 'bad-value',
  maxLength: 'too-long',
  maxProperties: 'too-many-keys',
  maximum: 'out-of-range',
  minItems: 'empty-value',
  minLength: 'empty-value',
  minProperties: 'empty-value',
  minimum: 'out-of-range',
  not: 'not-allowed',
  oneOf: 'key-choice',
  pattern: 'bad-value',
  required: 'missing-key',
  type: 'wrong-type',
  uniqueItems: 'repeated-item',
} as const satisfies Readonly<Record<string, SchemaCode>>;

/**
 * The code of a diagnostic about a keyword that a file violates.
 * @param value of the keyword in the schema
 * @throws TypeError for a keyword that the project's schemas do not use
 */
export function schemaCode(keyword: string, value?: unknown): SchemaCode {
  // A choice between keys, as opposed to one between values.
  if (keyword === 'anyOf' && JSON.stringify(value ?? '').includes('"required"')) return 'key-choice';
  if (!isKnown(keyword)) throw new TypeError(`no code for violations of ${keyword}`);
  return CODES[keyword];
}

function isKnown(keyword: string): keyword is keyof typeof CODES {
  return Object.hasOwn(CODES, keyword);
}
