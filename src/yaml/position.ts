import { isMap, isPair, isScalar, isSeq, type ParsedNode } from 'yaml';
import type { Position } from '../diagnostics/diagnostic.js';
import type { YamlFile } from './read.js';

/** The place that a path of keys and list indexes leads to. */
export interface Found {
  /** The node; null if the key has no value. */
  readonly node: ParsedNode | null;
  /** Offset of the node, or of its key if the node is empty. */
  readonly offset: number;
  /** Offset of the key; in a list, of the item. */
  readonly keyOffset: number;
}

/** Goes from a map to the value of a key, or from a list to an item. */
export function child(node: ParsedNode | null, segment: string): Found | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(segment)] as ParsedNode | null | undefined;
    return item === undefined || item === null
      ? undefined
      : { node: item, offset: item.range[0], keyOffset: item.range[0] };
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && item.key.value === segment);
  if (pair === undefined) return undefined;
  const keyOffset = pair.key.range[0];
  const value = pair.value;
  const isEmpty = value === null || value.range[0] === value.range[1];
  return { node: value, offset: isEmpty ? keyOffset : value.range[0], keyOffset };
}

/** Follows a path from a node; if it ends early, the last place on it is returned. */
export function find(root: ParsedNode, path: readonly string[]): Found {
  let found: Found = { node: root, offset: root.range[0], keyOffset: root.range[0] };
  for (const segment of path) {
    const next = child(found.node, segment);
    if (next === undefined) break;
    found = next;
  }
  return found;
}

/** The line and column that a path leads to. */
export function positionOf(file: YamlFile, path: readonly string[]): Position {
  return file.source.positionAt(find(file.root, path).offset);
}
