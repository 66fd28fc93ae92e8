import { defaultSeed } from '../../src/simulator/seed/default-seed.js';
import type { Seed, SeedProject } from '../../src/simulator/seed/seed.js';

/** The default seed with some changes to the project `storefront`. */
export function storefrontSeed(changes: Changes<SeedProject>): Seed {
  return changeSeed(defaultSeed, { projects: { storefront: changes } });
}

/** `T` with all properties optional, at every depth; lists are replaced as a whole. */
type Changes<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { readonly [K in keyof T]?: Changes<T[K]> | undefined }
    : T;

/** Applies `changes` to `base`: objects are merged, lists and values replaced, undefined removes. */
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
