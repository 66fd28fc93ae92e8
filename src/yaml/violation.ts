import type { ErrorObject } from 'ajv/dist/2020.js';
import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { didYouMean } from '../diagnostics/nearest.js';

/** Where a violation lies: the node at fault (null where it is a key), and its offset. */
export interface NodePlace {
  readonly path: readonly string[];
  readonly node: ParsedNode | null;
  readonly offset: number;
}

interface Prose {
  readonly message: string;
  readonly hint?: string | undefined;
}

interface DescribedSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/** Says a schema violation in words. A schema's description says what is expected, so it stands in the hint. */
export function renderViolation(error: ErrorObject, place: NodePlace): Prose {
  const schema = (error.parentSchema ?? {}) as DescribedSchema;
  const expected = schema.description;
  if (error.propertyName !== undefined) {
    return {
      message: `${JSON.stringify(error.propertyName)} cannot stand here`,
      hint: expected && `expected ${expected}`,
    };
  }
  switch (error.keyword) {
    case 'additionalProperties': {
      const name = String(error.params['additionalProperty']);
      const known = Object.keys(schema.properties ?? {});
      const hint =
        didYouMean(name, known) ?? (known.length > 0 ? `known are ${known.join(', ')}` : undefined);
      return { message: `unknown key ${JSON.stringify(name)}${within(place.path)}`, hint };
    }
    case 'required': {
      const name = String(error.params['missingProperty']);
      return { message: `the key ${name} is missing${within(place.path)}` };
    }
    case 'type':
      return wrongType(error, place, expected);
    case 'enum': {
      const allowed = (error.params['allowedValues'] as readonly unknown[]).map(String);
      const found = shown(place.node);
      return {
        message: `${found} is none of ${allowed.join(', ')}`,
        hint: didYouMean(found, allowed) ?? expected,
      };
    }
    case 'oneOf': {
      const alternatives = error.schema as readonly { readonly required?: readonly string[] }[];
      const names = alternatives.flatMap((alternative) => alternative.required ?? []);
      if (expected === undefined || (names.length === alternatives.length && place.path.length === 0)) {
        return { message: `needs exactly one of ${names.join(', ')}` };
      }
      return { message: 'reserved keys', hint: expected };
    }
    default:
      return {
        message:
          place.node === null
            ? (error.message ?? error.keyword)
            : `${shown(place.node)} ${error.message ?? 'does not fit'}`,
        hint: expected && `expected ${expected}`,
      };
  }
}

function wrongType(error: ErrorObject, place: NodePlace, expected: string | undefined): Prose {
  const wanted = [error.params['type'] as string | readonly string[]].flat();
  const words: Readonly<Record<string, string>> = {
    object: 'a map',
    array: 'a list',
    string: 'text',
    integer: 'a whole number',
    number: 'a number',
    null: 'null',
    boolean: 'true or false',
  };
  const wish = wanted.map((type) => words[type] ?? type).join(' or ');
  const { node } = place;
  if (node !== null && isScalar(node) && wanted.includes('string') && typeof node.value !== 'string') {
    const source = node.source ?? String(node.value);
    if (source !== '') {
      return {
        message: `${source} is read as ${kindOf(node)}, and text is needed`,
        hint: `quote it: "${source}"`,
      };
    }
  }
  return {
    message: `expected ${wish}${within(place.path)}, found ${kindOf(node)}`,
    hint: expected && `expected ${expected}`,
  };
}

function within(path: readonly string[]): string {
  return path.length === 0 ? '' : ` in ${path.join('.')}`;
}

function kindOf(node: ParsedNode | null): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node)) return 'nothing';
  if (node.value === null) return node.source === '' || node.source === undefined ? 'nothing' : 'null';
  return (
    { number: 'a number', boolean: 'true or false', string: 'text' }[typeof node.value as string] ??
    'something else'
  );
}

function shown(node: ParsedNode | null): string {
  if (!isScalar(node)) return kindOf(node);
  const text = node.source ?? String(node.value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
