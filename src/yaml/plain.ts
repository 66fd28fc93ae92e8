import { isAlias, isScalar, isSeq, type ParsedNode, type Scalar, type YAMLMap } from 'yaml';
import type { Json } from '../json/json.js';
import { Problems } from './problem.js';

/** Converts nodes to a JSON value, and reports contents that could be read in two ways. */
export function toPlain(root: ParsedNode): { readonly value: Json; readonly problems: Problems } {
  const problems = new Problems();
  return { value: plainNode(root, problems), problems };
}

function plainNode(node: ParsedNode | null, problems: Problems): Json {
  if (node === null) return null;
  if (isAlias(node)) return null; // refused by TokenWatch
  if (isScalar(node)) return plainScalar(node, problems);
  if (isSeq(node)) return node.items.map((item) => plainNode(item as ParsedNode | null, problems));
  return plainMap(node, problems);
}

function plainScalar(node: Scalar.Parsed, problems: Problems): Json {
  const { value } = node;
  const offset = node.range[0];
  if (typeof value === 'number') {
    const source = node.source ?? String(value);
    if (!Number.isFinite(value)) {
      const message = `${source} is not a JSON number`;
      problems.add({ code: 'yaml-number', offset, message, hint: 'quote it if text is meant' });
    } else if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
      const message = `${source} is too large to be kept exactly as a number`;
      problems.add({ code: 'yaml-number', offset, message, hint: `quote it if text is meant: "${source}"` });
    }
    return value;
  }
  if (typeof value === 'string') {
    checkText(value, offset, problems);
    return value;
  }
  return typeof value === 'boolean' ? value : null;
}

function checkText(text: string, offset: number, problems: Problems): void {
  if (text.isWellFormed()) return;
  const message = 'the text contains half of a surrogate pair';
  problems.add({ code: 'yaml-text', offset, message, hint: 'write the whole character' });
}

function plainMap(node: YAMLMap.Parsed, problems: Problems): Json {
  const result: { [key: string]: Json } = {};
  const offsets = new Map<string, number>();
  for (const pair of node.items) {
    const key = pair.key;
    const value = plainNode(pair.value, problems);
    if (!isScalar(key) || typeof key.value !== 'string') continue; // reported as yaml-syntax
    const name = key.value;
    const offset = key.range[0];
    checkText(name, offset, problems);
    if (name === '<<') {
      const hint = 'repeat the entries, or use groups';
      problems.add({ code: 'yaml-merge-key', offset, message: 'merge keys are not supported', hint });
    }
    const first = offsets.get(name);
    if (first !== undefined) {
      const message = `the key ${JSON.stringify(name)} appears twice in this map, first`;
      problems.add({ code: 'yaml-duplicate-key', offset, message, hint: 'keep one of them', first });
      continue;
    }
    offsets.set(name, offset);
    if (name === '__proto__') Object.defineProperty(result, name, { value, enumerable: true });
    else result[name] = value;
  }
  return result;
}
