import { createHash } from 'node:crypto';
import type { Rollout } from './model.js';

/** The largest value of fifteen hexadecimal digits; as a double it is rounded up to this. */
const SCALE = 2 ** 60;

/**
 * The variation that a rollout serves to a context, by the algorithm of LaunchDarkly's SDKs. A context of another kind
 * than the rollout's, or without its attribute, is in the first bucket. Of a context only the key is known here.
 * @param salt of the flag in the environment
 */
export function variationInRollout(
  rollout: Rollout,
  context: { readonly kind: string; readonly key: string },
  flagKey: string,
  salt: string,
): number | undefined {
  const { bucketBy = 'key', contextKind = 'user', seed, variations } = rollout;
  const isKnown = context.kind === contextKind && bucketBy === 'key';
  const prefix = seed === undefined ? `${flagKey}.${salt}` : String(seed);
  const bucket = isKnown ? bucketOf(`${prefix}.${context.key}`) : 0;
  let sum = 0;
  for (const { variation, weight } of variations) {
    sum += weight / 100_000;
    if (bucket < sum) return variation;
  }
  // Rounding can leave the sum below one.
  return variations.at(-1)?.variation;
}

/** A number from 0 to 1. */
function bucketOf(text: string): number {
  const digits = createHash('sha1').update(text).digest('hex').slice(0, 15);
  return Number.parseInt(digits, 16) / SCALE;
}
