import { canonical } from '../json/json.js';
import type { Setting, Variation } from './state.js';

export const NONE: Setting = { type: 'none' };

/** A text that is equal for two settings if and only if they are written in the same way and mean the same. */
export function settingKey(setting: Setting): string {
  switch (setting.type) {
    case 'none':
      return 'none';
    case 'value':
      return `value ${canonical(setting.value)}`;
    case 'variation':
      return `variation ${canonical(setting.variation)}`;
  }
}

/** Which of a flag's variations a setting selects. `none` means no override. */
export type Resolution =
  | { readonly type: 'none' }
  | { readonly type: 'variation'; readonly index: number }
  | { readonly type: 'unknown' }
  | { readonly type: 'ambiguous'; readonly indexes: readonly number[] };

/**
 * Finds the variation that a setting selects: a value by deep equality, `$variation` by index or by name. More than
 * one match is ambiguous.
 */
export function resolveSetting(setting: Setting, variations: readonly Variation[]): Resolution {
  if (setting.type === 'none') return { type: 'none' };
  if (setting.type === 'variation' && typeof setting.variation === 'number') {
    return setting.variation in variations
      ? { type: 'variation', index: setting.variation }
      : { type: 'unknown' };
  }
  const indexes = variations.flatMap((variation, index) => (matches(setting, variation) ? [index] : []));
  const [first, ...others] = indexes;
  if (first === undefined) return { type: 'unknown' };
  return others.length === 0 ? { type: 'variation', index: first } : { type: 'ambiguous', indexes };
}

/** Whether a setting selects the variation at an index. */
export function selects(setting: Setting, variations: readonly Variation[], index: number): boolean {
  const resolution = resolveSetting(setting, variations);
  return resolution.type === 'variation' && resolution.index === index;
}

function matches(setting: Exclude<Setting, { type: 'none' }>, variation: Variation): boolean {
  return setting.type === 'value'
    ? canonical(setting.value) === canonical(variation.value)
    : setting.variation === variation.name;
}
