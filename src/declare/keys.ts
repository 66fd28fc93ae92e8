import { isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';

/** Every context key that a declaration seems to name, however wrong the file is: for what must not be shown. */
export function contextKeysIn(text: string): Set<string> {
  const keys = new Set<string>();
  let root: unknown;
  try {
    root = parseDocument(text, { uniqueKeys: false, logLevel: 'silent' }).contents;
  } catch {
    return keys;
  }
  const add = (node: unknown): void => {
    if (!isScalar(node)) return;
    keys.add(String(node.value));
    if (node.source !== undefined) keys.add(node.source);
  };
  const addAll = (node: unknown): void => {
    if (isMap(node)) for (const pair of node.items) add(pair.key);
    else if (isSeq(node)) for (const item of node.items) add(item);
    else add(node);
  };
  const read = (node: unknown): void => {
    addAll(field(node, 'users'));
    const kinds = field(node, 'contexts');
    if (isMap(kinds)) for (const pair of kinds.items) addAll(pair.value);
  };
  read(root);
  const groups = field(root, 'groups');
  if (isSeq(groups)) for (const group of groups.items) read(group);
  return keys;
}

function field(node: unknown, name: string): Node | null | undefined {
  return isMap<unknown, Node | null>(node)
    ? node.items.find(({ key }) => isScalar(key) && key.value === name)?.value
    : undefined;
}
