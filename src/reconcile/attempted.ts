import { type ChangeFilter, overrideFilter } from './filter.js';
import { resolveSetting } from './setting.js';
import { isInShard, type Shard } from './shard.js';
import { type DeclaredSetting, type OverrideId, overrideKey, type ScopeId, type Variation } from './state.js';

/** What an apply was about to write to one scope. It may have written any part of it, and may still do so. */
export interface AttemptedState {
  readonly scope: ScopeId;
  /** What its commit declares in the scope, by `overrideKey`. */
  readonly declared: ReadonlyMap<string, DeclaredSetting>;
  /** Selects what the apply could write, together with `shard`. */
  readonly filter: ChangeFilter;
  readonly shard: Shard | undefined;
}

/**
 * A predicate for live overrides: whether an attempt could have written exactly the value that is live, so that it
 * counts as ours.
 * @param counts whether a setting that an attempt declared counts
 */
export function attemptedFilter(
  attempts: readonly AttemptedState[],
  counts: (setting: DeclaredSetting) => boolean = () => true,
): (id: OverrideId, live: number, variations: readonly Variation[]) => boolean {
  const tests = attempts.map(({ scope, declared, filter, shard }) => {
    const isSelected = overrideFilter(filter);
    return (id: OverrideId, live: number, variations: readonly Variation[]): boolean => {
      const setting = declared.get(overrideKey(id));
      if (setting === undefined || !counts(setting)) return false;
      const resolution = resolveSetting(setting, variations);
      return (
        resolution.type === 'variation' &&
        resolution.index === live &&
        isInShard(scope, id.flag, shard) &&
        isSelected(id)
      );
    };
  });
  return (id, live, variations) => tests.some((test) => test(id, live, variations));
}
