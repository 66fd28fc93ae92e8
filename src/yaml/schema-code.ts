import type { SchemaCode } from '../diagnostics/codes.js';

/** The keywords of the project's schemas that a file can violate. */
const CODES = {
  additionalProperties: 'schema-additional-properties',
  anyOf: 'schema-any-of',
  const: 'schema-const',
  enum: 'schema-enum',
  exclusiveMinimum: 'schema-exclusive-minimum',
  format: 'schema-format',
  maxLength: 'schema-max-length',
  maxProperties: 'schema-max-properties',
  maximum: 'schema-maximum',
  minItems: 'schema-min-items',
  minLength: 'schema-min-length',
  minProperties: 'schema-min-properties',
  minimum: 'schema-minimum',
  not: 'schema-not',
  oneOf: 'schema-one-of',
  pattern: 'schema-pattern',
  required: 'schema-required',
  type: 'schema-type',
  uniqueItems: 'schema-unique-items',
} as const satisfies Readonly<Record<string, SchemaCode>>;

/**
 * The code of a diagnostic about a keyword that a file violates.
 * @throws TypeError for a keyword that the project's schemas do not use
 */
export function schemaCode(keyword: string): SchemaCode {
  if (!isKnown(keyword)) throw new TypeError(`no code for violations of ${keyword}`);
  return CODES[keyword];
}

function isKnown(keyword: string): keyword is keyof typeof CODES {
  return Object.hasOwn(CODES, keyword);
}
