import { isMap, type Node, type ParsedNode, type YAMLMap } from 'yaml';
import type { OverrideId } from '../../reconcile/state.js';
import { listNode, mapNode, textNode, valueNode } from '../write/nodes.js';
import { canBeMapKey } from '../write/render.js';
import { type Collection, type EditedFile, entryOf, isFlow, refuse } from './entries.js';
import { placeAtTop } from './place-at-top.js';
import { contextPath, follow, stepOf } from './find.js';
import { flow, Insertion } from './insertion.js';
import { type Splice, spliced } from './splice.js';
import type { WantedOverride } from './wanted.js';
import { settingJson } from './setting-json.js';

/** Declares an override under its context. */
export function inserted(file: EditedFile, id: OverrideId, { setting, keys = {} }: WantedOverride): string {
  if (setting === undefined) throw refuse(file.source, 0, `it does not declare ${id.flag}`);
  const value = flow(valueNode(settingJson(file, 0, setting, keys)));
  const insertion = new Insertion(file);
  const { root, text } = file;
  if (!canBeMapKey(id.key)) return spliced(text, addGroup(file, insertion, id, value));
  const { path, rest, last } = follow(root, [...contextPath(id), id.flag]);
  const [first = '', ...further] = rest;
  const parent = last === undefined ? root : (last.value as YAMLMap.Parsed);
  const node = further.reduceRight<Node>((inner, key) => mapNode([[key, inner]]), value);
  if (further.length > 0 && isCompact(file)) flow(innermost(node));
  if (last !== undefined && parent.items.length === 0) {
    const { collection } = stepOf(path);
    const whole = mapNode([[first, node]]);
    return spliced(text, insertion.replace(collection, last, whole));
  }
  const after = parent === root ? placeAtTop(root, first) : undefined;
  return spliced(text, insertion.add(parent, first, node, after));
}

/** A group of one context, whose key would be too long for the key of a map. */
function addGroup(
  file: EditedFile,
  insertion: Insertion,
  { kind, key, flag }: OverrideId,
  value: Node,
): Splice[] {
  const { root } = file;
  const keys = listNode([textNode(key)]);
  const group = mapNode([
    ['name', textNode(flag)],
    kind === 'user' ? ['users', keys] : ['contexts', mapNode([[kind, keys]])],
    ['flags', mapNode([[flag, value]])],
  ]);
  const entry = entryOf(root, 'groups');
  if (entry === undefined) return insertion.add(root, 'groups', listNode([group]), root.items.length - 1);
  const list = entry.value as Collection;
  if (list.items.length === 0) return insertion.replace(root, entry, listNode([group]));
  return insertion.add(list, undefined, isFlow(list) ? flow(group) : group);
}

/** Whether the file writes the settings of a context in one line. */
function isCompact({ root }: EditedFile): boolean {
  const kinds = [entryOf(root, 'users')?.value, ...mapsIn(entryOf(root, 'contexts')?.value)];
  const last = kinds.flatMap((kind) => mapsIn(kind)).at(-1);
  return last !== undefined && isFlow(last);
}

function mapsIn(node: ParsedNode | null | undefined): YAMLMap.Parsed[] {
  if (!isMap(node)) return [];
  return node.items.flatMap(({ value }) => (isMap(value) ? value : []));
}

/** The map of settings in a chain of maps that were just made. */
function innermost(node: Node): Node {
  const value = isMap(node) ? node.items[0]?.value : undefined;
  const isOuter = isMap(value) && value.flow !== true;
  return isOuter ? innermost(value) : node;
}
