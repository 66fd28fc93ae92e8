import { expect, it } from 'vitest';
import {
  type Fact,
  type Fields,
  type OperationFacts,
  OPERATIONS,
  TYPES,
  UNUSED,
} from './support/api-facts.js';
import { vendorDocument, WITHOUT_VENDOR_DOCUMENT } from './support/vendor-document.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema;
  readonly required?: readonly string[];
}

const vendor = vendorDocument();
const schemas: Readonly<Record<string, Schema>> = vendor?.components.schemas ?? {};

/** Converts a schema of LaunchDarkly's document to a fact. Only schemas with fields keep their names. */
function factOf(schema: Schema): Fact {
  const name = schema.$ref?.replace(/^.*\//, '');
  if (name !== undefined) {
    const target = schemas[name];
    if (target?.properties === undefined) return factOf(target ?? {});
    // Each failing status has its own name for the same two fields.
    return name.endsWith('ErrorRep') ? 'Error' : name;
  }
  if (schema.enum) return schema.enum.join('|');
  if (schema.type === 'array') return [factOf(schema.items ?? {})];
  if (schema.type === 'object') return { '*': factOf(schema.additionalProperties ?? {}) };
  return schema.type ?? 'any';
}

function fieldsOf({ properties = {}, required = [] }: Schema): Fields {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [
      required.includes(name) ? name : `${name}?`,
      factOf(schema),
    ]),
  );
}

/** The vendor's fact, with UNUSED where ours has it. */
function asUsed(ours: Fact | undefined, theirs: Fact): Fact {
  if (ours === UNUSED) return UNUSED;
  if (typeof ours === 'object' && typeof theirs === 'object') {
    if ('*' in ours && '*' in theirs) return { '*': asUsed(ours['*'], theirs['*']) };
    if (!('*' in ours) && !('*' in theirs)) return [asUsed(ours[0], theirs[0])];
  }
  return theirs;
}

/** The facts about an operation in LaunchDarkly's document. */
function operationOf(name: string): OperationFacts {
  const [verb = '', path = ''] = name.split(' ');
  const operation = vendor?.paths[path]?.[verb.toLowerCase()];
  const takes = operation?.requestBody?.content?.['application/json']?.schema;
  const answers = Object.entries(operation?.responses ?? {}).map(([status, { content }]) => {
    const schema = content?.['application/json']?.schema;
    return [Number(status), schema === undefined ? null : factOf(schema)] as const;
  });
  return {
    ...(takes === undefined ? {} : { takes: factOf(takes) }),
    gives: Object.fromEntries(answers.filter(([status]) => status < 400)),
    fails: answers.flatMap(([status, fact]) => (fact === 'Error' ? [status] : [])),
  };
}

/** The facts about a type in LaunchDarkly's document, in as much detail as ours. */
function typeOf(name: string, ours: Fields): Fields {
  const theirs = Object.entries(fieldsOf(schemas[name] ?? {}));
  return Object.fromEntries(theirs.map(([field, fact]) => [field, asUsed(ours[field], fact)]));
}

/** The copy of the document that is used here lacks this operation and its type. */
const MEMBER = 'GET /api/v2/members/{id}';

it('the facts about the API agree with LaunchDarkly’s own document', ({ skip }) => {
  if (WITHOUT_VENDOR_DOCUMENT !== undefined) {
    console.warn(`skipped: ${WITHOUT_VENDOR_DOCUMENT}`);
    return skip(WITHOUT_VENDOR_DOCUMENT);
  }
  const { Error: failure = {}, Member: _, ...types } = TYPES;
  const { [MEMBER]: member, ...operations } = OPERATIONS;
  expect(member).toBeDefined();
  expect(operations).toEqual(mapped(operations, operationOf));
  expect(types).toEqual(mapped(types, typeOf));
  const failures = Object.keys(schemas).filter((name) => name.endsWith('ErrorRep'));
  expect(failures).not.toEqual([]);
  for (const name of failures) expect(typeOf(name, failure)).toEqual(failure);
});

function mapped<T>(
  record: Readonly<Record<string, T>>,
  map: (key: string, value: T) => unknown,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(key, value)]));
}
