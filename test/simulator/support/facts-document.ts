import { type Fact, type Fields, OPERATIONS, TYPES, UNUSED } from './api-facts.js';
import type { OpenApiDocument } from './openapi.js';

type Schema = Readonly<Record<string, unknown>>;

/** The facts in the form of an OpenAPI document. */
export function factsDocument(): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiDocument['paths'][string][string]>> = {};
  for (const [name, { takes, gives, fails }] of Object.entries(OPERATIONS)) {
    const [verb = '', path = ''] = name.split(' ');
    paths[path] = {
      ...paths[path],
      [verb.toLowerCase()]: {
        ...(takes === undefined ? {} : { requestBody: content(takes) }),
        responses: Object.fromEntries([
          ...Object.entries(gives).map(([status, fact]) => [status, fact === null ? {} : content(fact)]),
          ...fails.map((status) => [status, content('Error')]),
        ]),
      },
    };
  }
  const schemas = Object.entries(TYPES).map(([name, fields]) => [name, objectSchema(fields)]);
  return { paths, components: { schemas: Object.fromEntries(schemas) } };
}

function content(fact: Fact): { readonly content: Readonly<Record<string, { readonly schema: Schema }>> } {
  return { content: { 'application/json': { schema: schemaOf(fact) } } };
}

function objectSchema(fields: Fields): Schema {
  const names = Object.keys(fields);
  return {
    type: 'object',
    required: names.filter((name) => !name.endsWith('?')),
    properties: Object.fromEntries(
      Object.entries(fields).map(([name, fact]) => [name.replace('?', ''), schemaOf(fact)]),
    ),
  };
}

function schemaOf(fact: Fact): Schema {
  // `not` with an empty schema allows no value.
  if (fact === UNUSED) return { not: {} };
  if (typeof fact === 'string') return named(fact);
  if ('*' in fact) return { type: 'object', additionalProperties: schemaOf(fact['*']) };
  return { type: 'array', items: schemaOf(fact[0]) };
}

function named(name: string): Schema {
  if (name === 'any') return {};
  if (name.includes('|')) return { type: 'string', enum: name.split('|') };
  return name in TYPES ? { $ref: `#/components/schemas/${name}` } : { type: name };
}
