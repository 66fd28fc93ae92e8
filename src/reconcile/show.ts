import { canonical, type Json } from '../json/json.js';
import type { Setting } from './state.js';

/** A setting as it is written in a declaration, in one line. */
export function showSetting(setting: Setting): string {
  switch (setting.type) {
    case 'none':
      return 'null';
    case 'value':
      return showValue(setting.value);
    case 'variation':
      return `{$variation: ${canonical(setting.variation)}}`;
  }
}

/** A value in one line, shortened to `maxLength` characters. */
export function showValue(value: Json, maxLength = 80): string {
  const text = canonical(value);
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 3)}...`;
}

/** An override in words, for example `checkout-v2 for user "bob"`. */
export function showOverride(id: {
  readonly flag: string;
  readonly kind: string;
  readonly key: string;
}): string {
  return `${id.flag} for ${id.kind} ${JSON.stringify(id.key)}`;
}
