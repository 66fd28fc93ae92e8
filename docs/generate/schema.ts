import { code, generated, table } from './markdown.js';

/** The part of JSON Schema that the schemas of this project use. */
interface Schema {
  readonly $ref?: string;
  readonly $defs?: Readonly<Record<string, Schema>>;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly propertyNames?: Schema;
  readonly additionalProperties?: boolean | Schema;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}

const LEGEND =
  'Nested keys are written as a path. `[]` means each item of a list, and `*` a key that you choose.';

/**
 * A page with one row for each key that a file may have, nested keys as a path (`groups[].users`).
 * @param title of the page
 * @param root a JSON Schema (2020-12), parsed
 * @param path of the schema, as shown
 */
export function schemaReference(title: string, root: unknown, path: string): string {
  const schema = root as Schema;
  const rows = [...rowsOf(schema, '', schema)];
  const choices = [...choicesOf(schema, '', schema)];
  return (
    generated(path) +
    `# ${title}\n\n${sentence(schema.description ?? '')} ${LEGEND}\n\n` +
    table(['Key', 'Type', 'Default', 'Meaning'], rows) +
    (choices.length === 0 ? '' : `${choices.map((choice) => `- ${choice}\n`).join('')}\n`)
  );
}

/** The schemas directly inside one, each with its path; keywords under `then` are described in words. */
function* partsOf(
  schema: Schema,
  path: string,
  root: Schema,
): Generator<{ readonly path: string; readonly part: Schema; readonly isRequired: boolean }> {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const isRequired = schema.required?.includes(name) === true;
    yield { path: path === '' ? name : `${path}.${name}`, part: resolve(property, root), isRequired };
  }
  if (typeof schema.additionalProperties === 'object') {
    yield { path: `${path}.*`, part: resolve(schema.additionalProperties, root), isRequired: false };
  }
}

function* rowsOf(schema: Schema, path: string, root: Schema): Generator<string[]> {
  for (const { path: inside, part, isRequired } of partsOf(schema, path, root)) {
    yield [
      code(inside),
      typeWords(part, root),
      isRequired ? 'required' : defaultWords(part),
      meaning(part, root),
    ];
    yield* rowsOf(part, inside, root);
    if (part.items !== undefined) yield* rowsOf(resolve(part.items, root), `${inside}[]`, root);
  }
}

/** Sentences about keys of which one is required. */
function* choicesOf(schema: Schema, path: string, root: Schema): Generator<string> {
  const where = path === '' ? '' : ` in ${code(path)}`;
  for (const [words, alternatives] of [
    ['Exactly', schema.oneOf],
    ['At least', schema.anyOf],
  ] as const) {
    const keys = (alternatives ?? []).flatMap(({ required }) => required ?? []);
    if (keys.length > 0) yield `${words} one of ${keys.map(code).join(' and ')} is required${where}.`;
  }
  for (const { path: inside, part } of partsOf(schema, path, root)) {
    yield* choicesOf(part, inside, root);
    if (part.items !== undefined) yield* choicesOf(resolve(part.items, root), `${inside}[]`, root);
  }
}

/** Keywords next to a `$ref` take precedence over those of its target. */
function resolve(schema: Schema, root: Schema): Schema {
  if (schema.$ref === undefined) return schema;
  const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')];
  if (target === undefined) throw new TypeError(`the schema has no ${schema.$ref}`);
  return { ...target, ...schema };
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'map',
  string: 'text',
  integer: 'whole number',
  boolean: '`true`, `false`',
  null: '`null`',
};

function typeWords(schema: Schema, root: Schema): string {
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  if (schema.enum !== undefined) return schema.enum.map((value) => code(String(value))).join(', ');
  if (schema.items !== undefined) return `list of ${typeWords(resolve(schema.items, root), root)}`;
  if (schema.type === undefined) return 'any';
  const types = [schema.type].flat().map((type) => TYPES[type] ?? type);
  return `${types.join(' or ')}${rangeWords(schema)}`;
}

function rangeWords({ minimum, exclusiveMinimum, maximum }: Schema): string {
  if (minimum !== undefined && maximum !== undefined) return `, ${minimum} to ${maximum}`;
  if (minimum !== undefined) return `, at least ${minimum}`;
  return exclusiveMinimum === undefined ? '' : `, more than ${exclusiveMinimum}`;
}

function defaultWords(schema: Schema): string {
  return schema.default === undefined ? '' : code(JSON.stringify(schema.default));
}

function meaning(schema: Schema, root: Schema): string {
  const names = schema.propertyNames && resolve(schema.propertyNames, root).description;
  return [sentence(schema.description ?? ''), names === undefined ? '' : `Each key is ${names}.`]
    .filter((text) => text !== '')
    .join(' ');
}

/** Descriptions are written to fit both into an editor's tooltip and into the sentence of an error. */
function sentence(text: string): string {
  if (text === '') return '';
  const capital = `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
}
