import { canonical } from '../../json/json.js';
import type { JsonObject } from '../../json/object.js';

/** The names of the fields in which two JSON objects differ. */
export function changedFields(before: JsonObject, after: JsonObject): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].filter((name) => textOf(memberOf(before, name)) !== textOf(memberOf(after, name)));
}

function textOf(value: unknown): string | undefined {
  return value === undefined ? undefined : canonical(JSON.parse(JSON.stringify(value)));
}

/** `__proto__` can be the key of a flag or environment. */
function memberOf(object: JsonObject, name: string): unknown {
  return Object.hasOwn(object, name) ? object[name] : undefined;
}
