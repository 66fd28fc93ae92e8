import { createHash } from 'node:crypto';
import type { Change } from './plan.js';
import { type ScopeId, scopeKey } from './state.js';

/** One of several processes that share the work of a plan. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** Reads `2/8`; undefined where it is nothing of the kind. */
export function parseShard(text: string): Shard | undefined {
  const match = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text);
  if (match === null) return undefined;
  const shard = { index: Number(match[1]), count: Number(match[2]) };
  return shard.index <= shard.count ? shard : undefined;
}

/**
 * Which shard a flag of a scope belongs to, from 1. It never spans two, since its writes go one at a time; and it
 * depends on nothing but names, so that processes that do not know of each other agree.
 */
function shardOf(scope: ScopeId, flag: string, count: number): number {
  const digest = createHash('sha256')
    .update(`${scopeKey(scope)}/${flag}`)
    .digest();
  return (digest.readUInt32BE(0) % count) + 1;
}

/** Holds back what is another shard's work. The plan stays whole: counts, guards and fingerprint are those of all. */
export function withholdOtherShards(changes: readonly Change[], shard: Shard | undefined): readonly Change[] {
  if (shard === undefined) return changes;
  return changes.map((change) =>
    change.withheld !== undefined || shardOf(change, change.flag, shard.count) === shard.index
      ? change
      : { ...change, withheld: 'other-shard' },
  );
}
