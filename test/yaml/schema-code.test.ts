import { expect, it } from 'vitest';
import { schemaCode } from '../../src/yaml/schema-code.js';
import flagops from '../../schemas/flagops.schema.json' with { type: 'json' };
import overrides from '../../schemas/overrides.schema.json' with { type: 'json' };
import seed from '../../schemas/simulator-seed.schema.json' with { type: 'json' };

/** Keywords that do not constrain a value, or whose violations are reported for their subschemas. */
const SILENT = new Set(
  '$schema $id $ref $defs title description default examples properties items allOf if then else propertyNames'.split(
    ' ',
  ),
);

/** The keywords in a schema, however deep. */
function* keywordsIn(schema: unknown): Generator<string> {
  if (typeof schema !== 'object' || schema === null) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (Array.isArray(schema)) yield* keywordsIn(value);
    else if (keyword === 'properties' || keyword === '$defs') {
      for (const part of Object.values(value as object)) yield* keywordsIn(part);
    } else {
      yield keyword;
      if (keyword !== 'default' && keyword !== 'const' && keyword !== 'enum') yield* keywordsIn(value);
    }
  }
}

it.each([
  ['flagops', flagops],
  ['overrides', overrides],
  ['simulator-seed', seed],
])('every keyword of the %s schema that a file can violate has a code', (_name, schema) => {
  const keywords = new Set(keywordsIn(schema));
  expect(keywords.size).toBeGreaterThan(5);
  for (const keyword of keywords) if (!SILENT.has(keyword)) expect(schemaCode(keyword)).not.toBe('');
});
