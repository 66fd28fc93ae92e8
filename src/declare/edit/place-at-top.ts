import type { YAMLMap } from 'yaml';
import { entriesOf } from './entries.js';

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
