import type { WrittenOverride } from '../declare/write/render.js';
import { canDeclareContext, writtenSetting } from '../declare/write/setting.js';
import type { Json } from '../json/json.js';
import type { ScopeComparison } from '../reconcile/compare.js';
import { flagFilter } from '../reconcile/policy.js';
import { type LiveFlag, type OverrideId, parseContextKey } from '../reconcile/state.js';
import type { LeftOut, LeftOutReason } from '../report/import-text.js';
import type { LiveImport } from './everything-live.js';

/** What one scope has live that is not declared. */
export interface Importable {
  readonly overrides: readonly WrittenOverride[];
  readonly leftOut: readonly LeftOut[];
}

/**
 * Sorts the live overrides that are not declared into those that a declaration can express and all others.
 * @param isSelected the filter for flags and contexts
 */
export function importable(
  comparison: ScopeComparison,
  { live, archived }: LiveImport,
  isSelected: (override: OverrideId) => boolean,
): Importable {
  const { scope, policy } = comparison;
  const overrides: WrittenOverride[] = [];
  const leftOut: LeftOut[] = [];
  const leave = ({ flag, kind, key }: OverrideId, reason: LeftOutReason): void => {
    leftOut.push({ project: scope.project, environment: scope.environment, flag, kind, key, reason });
  };
  const leaveAll = (flags: Iterable<LiveFlag>, reason: LeftOutReason): void => {
    for (const flag of flags) {
      for (const context of flag.environments.get(scope.environment)?.targets.keys() ?? []) {
        const override = { flag: flag.key, ...parseContextKey(context) };
        if (isSelected(override)) leave(override, reason);
      }
    }
  };
  const mayTouch = flagFilter(policy);
  leaveAll(archived, 'flag-archived');
  leaveAll(
    [...live.flags.values()].filter(({ key, state }) => state !== 'archived' && !mayTouch(key)),
    'flag-excluded',
  );
  const settingOf = settings(live.flags);
  const isDeclarable = contexts();
  for (const undesired of comparison.undesired) {
    const { flag, kind, key, before, expired } = undesired;
    if (!isSelected(undesired)) continue;
    const setting = settingOf(flag, before.variation);
    if (expired) leave(undesired, 'expired');
    else if (kind !== 'user' && live.contextKinds?.has(kind) === false) leave(undesired, 'kind-unknown');
    else if (setting === undefined || !isDeclarable(kind, key)) leave(undesired, 'refused');
    else overrides.push({ flag, kind, key, setting });
  }
  return { overrides, leftOut };
}

/** Finds how each variation is written, once. */
function settings(
  flags: ReadonlyMap<string, LiveFlag>,
): (flag: string, variation: number) => Json | undefined {
  const known = new Map<string, Json | undefined>();
  return (key, variation) => {
    const name = `${variation}\n${key}`;
    const flag = flags.get(key);
    if (!known.has(name)) known.set(name, flag && writtenSetting(flag, variation));
    return known.get(name);
  };
}

function contexts(): (kind: string, key: string) => boolean {
  const known = new Map<string, boolean>();
  return (kind, key) => {
    const name = `${kind}\n${key}`;
    const result = known.get(name) ?? canDeclareContext(kind, key);
    known.set(name, result);
    return result;
  };
}
