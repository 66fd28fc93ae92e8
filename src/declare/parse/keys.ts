import { CST } from 'yaml';
import { parseTokens } from '../../yaml/tokens.js';

/**
 * Every context key that a declaration seems to contain, even if the file is invalid: these keys are redacted. Reads as
 * far as messages about the file can refer to.
 */
export function contextKeysIn(text: string): Set<string> {
  const keys = new Set<string>();
  const add = (node: Node): void => {
    const key = textOf(node);
    if (key !== undefined) keys.add(key);
  };
  const addAll = (node: Node): void => {
    const items = itemsOf(node);
    // The keys of a map, or the items of a list: a wrong file may have either one.
    if (items === undefined) add(node);
    else for (const { key, value } of items) add(key ?? value);
  };
  const read = (node: Node): void => {
    addAll(field(node, 'users'));
    for (const { value } of itemsOf(field(node, 'contexts')) ?? []) addAll(value);
  };
  for (const token of parseTokens(text).tokens) {
    if (token.type !== 'document') continue;
    read(token.value);
    for (const { key, value } of itemsOf(field(token.value, 'groups')) ?? []) read(value ?? key);
  }
  return keys;
}

type Node = CST.Token | null | undefined;

/** The entries of a map or a list; entries of a list have no key. */
function itemsOf(node: Node): readonly CST.CollectionItem[] | undefined {
  return CST.isCollection(node) ? node.items : undefined;
}

/** A text without its quotes and escapes. */
function textOf(node: Node): string | undefined {
  if (node?.type === 'alias') return node.source;
  // Errors in the text are reported when the file is parsed.
  return CST.isScalar(node) ? CST.resolveAsScalar(node, false, () => {}).value : undefined;
}

function field(node: Node, name: string): Node {
  return itemsOf(node)?.find(({ key }) => textOf(key) === name)?.value;
}
