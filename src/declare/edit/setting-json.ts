import type { Json } from '../../json/json.js';
import { isObject } from '../../json/object.js';
import type { Setting } from '../../reconcile/state.js';
import { type EditedFile, refuse } from './entries.js';

export function keysBeside(value: Json): Record<string, Json> {
  if (!isObject(value)) return {};
  const entries = Object.entries(value as Readonly<Record<string, Json>>);
  return Object.fromEntries(entries.filter(([key]) => key !== '$value' && key !== '$variation'));
}

/** How a setting is written, with keys beside it. */
export function settingJson(
  { source }: EditedFile,
  offset: number,
  setting: Setting,
  keys: Readonly<Record<string, Json>>,
): Json {
  const beside = Object.fromEntries(Object.entries(keys).filter(([, value]) => value !== null));
  const hasKeys = Object.keys(beside).length > 0;
  switch (setting.type) {
    case 'none': {
      if (!hasKeys) return null;
      throw refuse(source, offset, `null, for no override, cannot have ${Object.keys(beside).join(' or ')}`);
    }
    case 'variation':
      return { $variation: setting.variation, ...beside };
    case 'value': {
      const { value } = setting;
      const isReserved = isObject(value) && Object.keys(value).some((key) => key.startsWith('$'));
      return hasKeys || isReserved || value === null ? { $value: value, ...beside } : value;
    }
  }
}
