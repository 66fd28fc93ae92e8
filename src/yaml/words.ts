import { isMap, isScalar, isSeq, type ParsedNode } from 'yaml';
import { LIMITS } from './limits.js';

/** The place of a violation: the node at fault (null if it is a key), and its offset. */
export interface NodePlace {
  readonly path: readonly string[];
  readonly node: ParsedNode | null;
  readonly offset: number;
}

const TYPES: Readonly<Record<string, string>> = {
  object: 'a map',
  array: 'a list',
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  null: 'null',
  boolean: 'true or false',
};

/** The types that a schema allows, in words. */
export function typesInWords(types: readonly string[]): string {
  return types.map((type) => TYPES[type] ?? type).join(' or ');
}

/** The type of a node, in words. */
export function kindOf(node: ParsedNode | null): string {
  if (isMap(node)) return 'a map';
  if (isSeq(node)) return 'a list';
  if (!isScalar(node)) return 'nothing';
  if (node.value === null) return node.source === '' || node.source === undefined ? 'nothing' : 'null';
  return TYPE_OF[typeof node.value as string] ?? 'something else';
}

const TYPE_OF: Readonly<Record<string, string>> = {
  number: 'a number',
  boolean: 'a boolean',
  string: 'text',
};

/** A node as its author wrote it, in one line. */
export function shown(node: ParsedNode | null): string {
  if (!isScalar(node)) return kindOf(node);
  const text = node.source ?? String(node.value);
  if (text === '') return '""';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}

/** Shortens a message that may quote from a file. */
export function cut(message: string): string {
  return message.length > LIMITS.message ? `${message.slice(0, LIMITS.message - 3)}...` : message;
}

/** A name for a place: the key that leads there, or the list that contains it. */
export function subject(path: readonly string[]): string {
  const last = path.at(-1);
  if (last === undefined) return 'the file';
  if (/^\d+$/.test(last) && path.length > 1) return `an item of ${word(path.at(-2) ?? '')}`;
  return word(last);
}

function word(key: string): string {
  return /^[A-Za-z]+$/.test(key) ? key : JSON.stringify(key);
}
