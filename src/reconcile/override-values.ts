import { canonical } from '../json/json.js';
import type { OverrideValue } from './plan.js';
import type { LiveFlag, Variation } from './state.js';
import type { WritePolicy } from './write-policy.js';

/** The side of a change that a variation is; null where there is none of that index. */
export type ValueLookup = (flag: LiveFlag, index: number | undefined) => OverrideValue | null;

/** Makes the sides of each flag once, however many changes have them. */
export function createValueLookup(): ValueLookup {
  const known = new Map<LiveFlag, readonly OverrideValue[]>();
  return (flag, index) => {
    if (index === undefined) return null;
    const sides = known.get(flag) ?? valuesOf(flag);
    known.set(flag, sides);
    return sides[index] ?? null;
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

/** Whether a write can name this variation and mean no other. */
export function isSettable(side: OverrideValue, mode: WritePolicy['mode']): boolean {
  return side.onlyById !== true || (mode !== 'put' && side.id !== undefined);
}
