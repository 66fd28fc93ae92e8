import { canonical } from '../json/json.js';
import type { OverrideValue } from './plan.js';
import type { LiveFlag, Variation } from './state.js';
import type { WritePolicy } from './write-policy.js';

/** Returns the value of an override that selects the variation at an index; null for no override. */
export type ValueLookup = (flag: LiveFlag, index: number | undefined) => OverrideValue | null;

/** Creates a lookup that makes the values of each flag once, so that changes share them. */
export function createValueLookup(): ValueLookup {
  const known = new Map<LiveFlag, readonly OverrideValue[]>();
  return (flag, index) => {
    if (index === undefined) return null;
    const values = known.get(flag) ?? valuesOf(flag);
    known.set(flag, values);
    return values[index] ?? null;
  };
}

function valuesOf({ variations }: LiveFlag): readonly OverrideValue[] {
  const times = new Map<string, number>();
  for (const { value } of variations) {
    const text = canonical(value);
    times.set(text, (times.get(text) ?? 0) + 1);
  }
  return variations.map(({ value, name, id }: Variation, variation) => ({
    variation,
    value,
    ...(name === undefined ? {} : { name }),
    ...(id === undefined ? {} : { id }),
    ...(value === null || times.get(canonical(value)) !== 1 ? { onlyById: true as const } : {}),
  }));
}

/** Whether a write in this mode can select the variation unambiguously. */
export function isSettable(value: OverrideValue, mode: WritePolicy['mode']): boolean {
  return value.onlyById !== true || (mode !== 'put' && value.id !== undefined);
}
