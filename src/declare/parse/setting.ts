import { isMap, isScalar, type ParsedNode } from 'yaml';
import type { Json } from '../../json/json.js';
import { NONE } from '../../reconcile/setting.js';
import type { Setting } from '../../reconcile/state.js';

/** Converts a value in a declaration to a setting. The schema has already checked the reserved keys. */
export function parseSetting(value: Json): Setting {
  if (value === null) return NONE;
  if (typeof value === 'object' && !Array.isArray(value)) {
    const object = value as { readonly [key: string]: Json };
    if (Object.hasOwn(object, '$variation'))
      return { type: 'variation', variation: object['$variation'] as string | number };
    if (Object.hasOwn(object, '$value')) return { type: 'value', value: object['$value'] ?? null };
  }
  return { type: 'value', value };
}

/** Whether a setting is written with `$variation` or `$value`, so that it can have keys for the override itself. */
export function isLongForm(node: ParsedNode): boolean {
  return (
    isMap(node) &&
    node.items.some(({ key }) => isScalar(key) && (key.value === '$variation' || key.value === '$value'))
  );
}
