import { isAlias, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml';
import type { Json } from '../reconcile/json.js';

/** Something in the nodes that is refused, with character offsets. */
export interface Problem {
  readonly code: string;
  readonly offset: number;
  readonly message: string;
  readonly hint: string;
  /** Offset of the other place that the message ends with. */
  readonly first?: number;
}

/** Turns nodes into a JSON value, and tells everything about them that could be read in two ways. */
export function toPlain(root: ParsedNode): { readonly value: Json; readonly problems: readonly Problem[] } {
  const problems: Problem[] = [];
  return { value: plainNode(root, problems), problems };
}

function plainNode(node: ParsedNode | null, problems: Problem[]): Json {
  if (node === null) return null;
  if (isAlias(node)) {
    const hint = 'repeat the value, or use groups';
    problems.push({ code: 'yaml-alias', offset: node.range[0], message: 'aliases are not supported', hint });
    return null;
  }
  checkProperties(node, problems);
  if (isScalar(node)) return plainScalar(node, problems);
  if (isSeq(node)) return node.items.map((item) => plainNode(item as ParsedNode | null, problems));
  return plainMap(node, problems);
}

function checkProperties(node: Exclude<ParsedNode, { anchor: never }>, problems: Problem[]): void {
  const offset = node.range[0];
  if (node.anchor !== undefined) {
    const message = `the anchor &${node.anchor} is not supported`;
    problems.push({ code: 'yaml-anchor', offset, message, hint: 'delete it; groups repeat settings' });
  }
  if (node.tag !== undefined) {
    const message = `the tag ${node.tag} is not supported`;
    problems.push({ code: 'yaml-tag', offset, message, hint: 'delete it; quote what must be text' });
  }
}

function plainScalar(node: Scalar.Parsed, problems: Problem[]): Json {
  const { value } = node;
  const offset = node.range[0];
  if (typeof value === 'number') {
    const source = node.source ?? String(value);
    if (!Number.isFinite(value)) {
      const message = `${source} is no JSON number`;
      problems.push({ code: 'yaml-number', offset, message, hint: 'quote it if text is meant' });
    } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      const message = `${source} has more digits than a number keeps`;
      problems.push({ code: 'yaml-number', offset, message, hint: `quote it if text is meant: "${source}"` });
    }
    return value;
  }
  if (typeof value === 'string') {
    if (!value.isWellFormed()) {
      const message = 'the text holds half of a surrogate pair';
      problems.push({ code: 'yaml-text', offset, message, hint: 'write the whole character' });
    }
    return value;
  }
  return typeof value === 'boolean' ? value : null;
}

function plainMap(node: YAMLMap.Parsed, problems: Problem[]): Json {
  const result: { [key: string]: Json } = {};
  const offsets = new Map<string, number>();
  for (const pair of node.items) {
    const key = pair.key;
    const value = plainNode(pair.value, problems);
    if (!isScalar(key) || typeof key.value !== 'string') continue; // reported as yaml-syntax
    checkProperties(key, problems);
    const name = key.value;
    const offset = key.range[0];
    if (name === '<<') {
      const hint = 'repeat the entries, or use groups';
      problems.push({ code: 'yaml-merge-key', offset, message: 'merge keys are not supported', hint });
    }
    const first = offsets.get(name);
    if (first !== undefined) {
      const message = `the key ${JSON.stringify(name)} stands twice in this map, first`;
      problems.push({ code: 'yaml-duplicate-key', offset, message, hint: 'keep one of them', first });
      continue;
    }
    offsets.set(name, offset);
    if (name === '__proto__') Object.defineProperty(result, name, { value, enumerable: true });
    else result[name] = value;
  }
  return result;
}
