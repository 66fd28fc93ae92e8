import { didYouMean } from '../diagnostics/nearest.js';
import { canonical } from '../json/json.js';
import { type Resolution, resolveSetting, settingKey } from './setting.js';
import type { Setting, Variation } from './state.js';
import { showValue } from './show.js';

/** Creates a function like `resolveSetting` for one flag that resolves each distinct setting once. */
export function createResolver(variations: readonly Variation[]): (setting: Setting) => Resolution {
  const known = new Map<string, Resolution>();
  return (setting) => {
    const key = settingKey(setting);
    const found = known.get(key) ?? resolveSetting(setting, variations);
    known.set(key, found);
    return found;
  };
}

/** The variations in one line: values, with names in parentheses. */
export function listVariations(variations: readonly Variation[]): string {
  return variations
    .map(({ value, name }) =>
      name === undefined ? showValue(value, 40) : `${showValue(value, 40)} (${name})`,
    )
    .join(', ');
}

/** A hint for a setting that is not one of the variations: what was probably meant. */
export function suggestVariation(setting: Setting, variations: readonly Variation[]): string | undefined {
  if (setting.type === 'none') return undefined;
  if (setting.type === 'variation') {
    const names = variations.map(({ name }) => name).filter((name) => name !== undefined);
    return typeof setting.variation === 'string' ? didYouMean(setting.variation, names) : undefined;
  }
  const { value } = setting;
  if (typeof value === 'string') {
    const unquoted = variations.find(
      (variation) => typeof variation.value !== 'string' && canonical(variation.value) === value,
    );
    if (unquoted !== undefined) return `write ${value} without quotes`;
    const boolean = YAML_1_1_BOOLEANS.get(value.toLowerCase());
    if (variations.some((variation) => variation.value === boolean)) {
      return `write ${boolean}: YAML 1.2 reads ${value} as text`;
    }
    const texts = variations.map((variation) => variation.value).filter((one) => typeof one === 'string');
    return didYouMean(value, texts);
  }
  const text = canonical(value);
  return variations.some((variation) => variation.value === text) ? `quote it: "${text}"` : undefined;
}

const YAML_1_1_BOOLEANS = new Map([
  ['yes', true],
  ['on', true],
  ['y', true],
  ['no', false],
  ['off', false],
  ['n', false],
]);
