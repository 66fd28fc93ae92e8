import type { YAMLMap } from 'yaml';
import type { SourceText } from '../../yaml/source.js';
import { textNode } from '../write/nodes.js';
import { entriesOf, entryOf, openFile } from './entries.js';
import { follow } from './find.js';
import { Insertion } from './insertion.js';
import { removal } from './removal.js';
import { spliced } from './splice.js';

/**
 * Sets a key at the top of a file, such as `reason`.
 * @param source a declaration without errors
 * @param value undefined to remove the key
 * @returns the new text
 * @throws OperatorError `edit-refused`
 */
export function setFileKey(source: SourceText, key: string, value: string | undefined): string {
  const file = openFile(source);
  const { root, text } = file;
  const entry = entryOf(root, key);
  const insertion = new Insertion(file);
  if (value === undefined) return spliced(text, removal(file, [follow(root, [key]).path]));
  const node = textNode(value);
  if (entry !== undefined) return spliced(text, insertion.replace(root, entry, node));
  return spliced(text, insertion.add(root, key, node, placeAtTop(root, key)));
}

/** The order of the keys of a file. */
const TOP = [
  'project',
  'environment',
  'environments',
  'owner',
  'reason',
  'expires',
  'manage',
  'users',
  'contexts',
];

/** Index of the last entry that comes before a key. */
export function placeAtTop(root: YAMLMap.Parsed, key: string): number {
  return entriesOf(root).findLastIndex((entry) => rank(entry.key ?? '') <= rank(key));
}

function rank(name: string): number {
  return TOP.includes(name) ? TOP.indexOf(name) : TOP.length;
}
