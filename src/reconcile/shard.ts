import { createHash } from 'node:crypto';
import type { Change } from './plan.js';
import { type ScopeId, scopeKey } from './state.js';

/** One of several processes that share the changes of a plan. */
export interface Shard {
  /** From 1 to `count`. */
  readonly index: number;
  readonly count: number;
}

/** Parses `2/8`; undefined for anything else. */
export function parseShard(text: string): Shard | undefined {
  const match = /^([1-9]\d{0,3})\/([1-9]\d{0,3})$/.exec(text);
  if (match === null) return undefined;
  const shard = { index: Number(match[1]), count: Number(match[2]) };
  return shard.index <= shard.count ? shard : undefined;
}

/**
 * The shard, from 1, that a flag of a scope belongs to. A flag is never split, since writes to it go one at a time. The
 * result depends on names only, so that processes agree without talking to each other.
 */
function shardOf(scope: ScopeId, flag: string, count: number): number {
  const digest = createHash('sha256')
    .update(`${scopeKey(scope)}/${flag}`)
    .digest();
  return (digest.readUInt32BE(0) % count) + 1;
}

/** Whether a flag of a scope belongs to a shard; without a shard, every flag does. */
export function isInShard(scope: ScopeId, flag: string, shard: Shard | undefined): boolean {
  return shard === undefined || shardOf(scope, flag, shard.count) === shard.index;
}

/** Withholds the changes of all other shards. They stay in the plan: counts, guards and fingerprint cover all. */
export function withholdOtherShards<Item extends Pick<Change, 'withheld' | keyof ScopeId | 'flag'>>(
  changes: readonly Item[],
  shard: Shard | undefined,
): readonly Item[] {
  if (shard === undefined) return changes;
  return changes.map((change) =>
    change.withheld !== undefined || isInShard(change, change.flag, shard)
      ? change
      : { ...change, withheld: 'other-shard' },
  );
}
