import type { ErrorObject } from 'ajv/dist/2020.js';
import { isScalar } from 'yaml';
import { didYouMean } from '../diagnostics/nearest.js';
import { kindOf, type NodePlace, shown, subject, typesInWords } from './words.js';

interface Description {
  readonly message: string;
  readonly hint?: string | undefined;
}

interface DescribedSchema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

/**
 * Describes a schema violation. If the schema's description starts with a lowercase letter (`a date such as ...`), it
 * says what is expected and becomes the hint; descriptions that are sentences are for readers of the schema only.
 */
export function describeViolation(error: ErrorObject, place: NodePlace): Description {
  const schema = (error.parentSchema ?? {}) as DescribedSchema;
  const description = schema.description ?? '';
  const expected = /^[a-z$]/.test(description) ? description : undefined;
  const hint = expected && `expected ${expected}`;
  const isKey = error.propertyName !== undefined;
  const what = isKey ? JSON.stringify(error.propertyName) : shown(place.node);
  const name = isKey ? what : subject(place.path);
  const limit = String(error.params['limit']);
  switch (error.keyword) {
    case 'additionalProperties':
      return unknownKey(error, place, Object.keys(schema.properties ?? {}));
    case 'required':
      return { message: `the key ${String(error.params['missingProperty'])} is missing${within(place)}` };
    case 'type':
      return wrongType(error, place, hint);
    case 'enum': {
      const allowed = (error.params['allowedValues'] as readonly unknown[]).map(String);
      return {
        message: `${what} is not one of ${allowed.join(', ')}`,
        hint: didYouMean(error.propertyName ?? what, allowed) ?? expected,
      };
    }
    case 'const':
      return { message: `${name} is ${what}, but must be ${String(error.params['allowedValue'])}`, hint };
    case 'pattern':
    case 'format':
      return (isKey ? keyWithValue(error.propertyName ?? '') : undefined) ?? notExpected(what, expected);
    case 'minLength':
      return { message: isKey ? 'a key is empty' : `${name} is empty`, hint };
    case 'maxLength':
      return { message: `${name} has more than ${limit} characters`, hint };
    case 'minItems':
      return { message: `${name} is an empty list`, hint };
    case 'uniqueItems':
      return { message: `${what} appears twice in ${subject(place.path.slice(0, -1))}` };
    case 'maxProperties':
      return { message: `${name} has more than ${limit} key`, hint: expected };
    case 'minimum':
      return { message: `${what} is less than ${limit}`, hint };
    case 'exclusiveMinimum':
      return { message: `${what} is not more than ${limit}`, hint };
    case 'maximum':
      return { message: `${what} is more than ${limit}`, hint };
    case 'not':
      return { message: `${what} is not allowed here`, hint: expected };
    case 'oneOf':
    case 'anyOf':
      return choice(error, place, what, expected);
    default:
      return { message: `${what} ${error.message ?? 'is not valid here'}`, hint };
  }
}

function unknownKey(error: ErrorObject, place: NodePlace, known: readonly string[]): Description {
  const name = String(error.params['additionalProperty']);
  const list = known.length > 0 ? `known keys are ${known.join(', ')}` : undefined;
  return {
    message: `unknown key ${JSON.stringify(name)}${within(place)}`,
    hint: didYouMean(name, known) ?? list,
  };
}

function wrongType(error: ErrorObject, { node, path }: NodePlace, hint: string | undefined): Description {
  const wanted = [error.params['type'] as string | readonly string[]].flat();
  if (isScalar(node)) {
    const source = node.source ?? String(node.value);
    if (wanted.includes('string') && typeof node.value !== 'string' && source !== '') {
      const message = `${source} is read as ${kindOf(node)}, but must be ${typesInWords(wanted)}`;
      if (fitsQuoted(source, error.parentSchema)) return { message, hint: `quote it: "${source}"` };
      return { message, hint: fitsQuoted(`${source}%`, error.parentSchema) ? `write ${source}%` : hint };
    }
    if (wanted.includes('object') && node.type === 'PLAIN' && /:\S/.test(source)) {
      return { message: `${source} is read as text`, hint: 'write a space after the colon' };
    }
  }
  return { message: `${subject(path)} must be ${typesInWords(wanted)}, found ${kindOf(node)}`, hint };
}

/** A description such as `a flag's key: letters and digits` names the thing first, and then its rules. */
function notExpected(what: string, expected: string | undefined): Description {
  if (expected === undefined) return { message: `${what} is not valid here` };
  const [thing = '', ...rules] = expected.split(': ');
  return { message: `${what} is not ${thing}`, hint: rules.length > 0 ? rules.join(': ') : undefined };
}

function choice(
  error: ErrorObject,
  place: NodePlace,
  what: string,
  expected: string | undefined,
): Description {
  const required = (error.schema as readonly { readonly required?: readonly string[] }[]).flatMap(
    (alternative) => alternative.required ?? [],
  );
  if (required.length === 0) {
    if (!hasFormat(error.parentSchema)) return { message: `${what} is not valid here`, hint: expected };
    return { message: `${what} is not a date`, hint: expected && `write ${expected}` };
  }
  const isMissing = error.keyword === 'anyOf' || error.params['passingSchemas'] === null;
  return isMissing
    ? { message: `one of the keys ${required.join(', ')} is missing${within(place)}` }
    : {
        message: `${required.join(' and ')} are mutually exclusive${within(place)}`,
        hint: 'keep one of them',
      };
}

/** For `{flag:true}`, in which YAML sees a key without a value. */
function keyWithValue(name: string): Description | undefined {
  const [, key, value] = /^([^\s:]+):(\S+)$/.exec(name) ?? [];
  if (key === undefined || value === undefined) return undefined;
  return {
    message: `${JSON.stringify(name)} is read as a key without a value`,
    hint: `write a space after the colon: ${key}: ${value}`,
  };
}

/** Whether a text would be valid instead of a value that is not text: `10` would not be a percentage, even in quotes. */
function fitsQuoted(source: string, schema: unknown): boolean {
  const { pattern } = (schema ?? {}) as { readonly pattern?: string };
  return !hasFormat(schema) && (pattern === undefined || new RegExp(pattern, 'u').test(source));
}

function hasFormat(schema: unknown): boolean {
  const { anyOf } = (schema ?? {}) as { readonly anyOf?: readonly object[] };
  return anyOf?.some((alternative) => 'format' in alternative) ?? false;
}

function within({ path }: NodePlace): string {
  return path.length === 0 ? '' : ` in ${subject(path)}`;
}
