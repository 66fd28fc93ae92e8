import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import type { Seed, SeedProject } from '../../src/simulator/seed/seed.js';

/** The default seed with the project `storefront` changed: only what differs is stated. */
export function storefrontSeed(changes: Changes<SeedProject>): Seed {
  return changeSeed(defaultSeed, { projects: { storefront: changes } });
}

/** The same shape with everything optional; lists are given whole. */
type Changes<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Changes<T[K]> | undefined }
    : T;

/** A seed that differs from `base` in what `changes` states: objects are merged, lists and values replaced. */
export function changeSeed(base: Seed, changes: Changes<Seed>): Seed {
  const merged: Seed = JSON.parse(JSON.stringify(merge(base, changes)));
  return merged;
}

function merge(base: unknown, changes: unknown): unknown {
  if (!isRecord(base) || !isRecord(changes)) return changes;
  const merged = { ...base };
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) delete merged[key];
    else merged[key] = merge(merged[key], value);
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
