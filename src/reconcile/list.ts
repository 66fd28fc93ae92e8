import type { Position } from '../diagnostics/diagnostic.js';
import type { PlannedScope } from './build.js';
import type { ScopeComparison } from './compare.js';
import type { ManageMode } from './manage.js';
import type { NoEffect } from './no-effect.js';
import { createValueLookup } from './override-values.js';
import type { HistoryAnswers, Question } from './ownership.js';
import {
  type Change,
  compareChanges,
  type Mark,
  type OverrideValue,
  type Plan,
  type Provenance,
} from './plan.js';
import {
  contextKey,
  type DesiredOverride,
  type Expiry,
  type OverrideId,
  overrideKey,
  type ScopeId,
  scopedKey,
  scopeKey,
} from './state.js';
import { createResolver } from './variations.js';

/** An override that is live, declared, or both. */
export interface ListedOverride extends ScopeId, OverrideId {
  /** Null if there is no override. */
  readonly live: OverrideValue | null;
  /** Null if there must be no override; absent if nothing is declared, or a variation that no longer exists. */
  readonly declared?: OverrideValue | null;
  /** Where it is declared. */
  readonly at?: Position;
  readonly owner?: string;
  readonly reason?: string;
  readonly expires?: Expiry;
  /** Absent for `full`, and if it is not declared. */
  readonly manage?: ManageMode;
  readonly provenance: Provenance;
  /** Why live and declared differ; `unmanaged` if it is not declared and not ours; absent if they are the same. */
  readonly mark?: Mark;
  /** Why it changes nothing for any context; absent if it has an effect, or may have one. */
  readonly noEffect?: NoEffect;
}

/** A scope in which everything that is declared is known with its details. */
export interface ListedScope extends PlannedScope {
  readonly declared: ReadonlyMap<string, DesiredOverride>;
}

/** The questions to history about everything that is declared; a plan asks only about differences. */
export function questionsForList(
  { comparison, declared }: ListedScope,
  isListed: (id: OverrideId) => boolean,
): Question[] {
  return [...declared.values()].filter(isListed).map((id) => ({ scope: comparison.scope, id }));
}

/**
 * Every override of some scopes, sorted by project, environment, flag, kind and key.
 * @param plan of these scopes; changes that its filters left out are not listed either
 * @param isListed the filter for flags and contexts
 * @param answers to `questionsForList`
 */
export function listOverrides(
  scopes: readonly ListedScope[],
  plan: Plan,
  isListed: (id: OverrideId) => boolean,
  answers: HistoryAnswers,
): ListedOverride[] {
  const changes = new Map<string, Change>(plan.changes.map((change) => [scopedKey(change, change), change]));
  const listed: ListedOverride[] = [];
  for (const { comparison, live, declared } of scopes) {
    const { scope, noEffect } = comparison;
    const valueOf = createValueLookup();
    const resolvers = new Map<string, ReturnType<typeof createResolver>>();
    for (const [id, override] of declared) {
      if (!isListed(override)) continue;
      const { flag: name, kind, key, setting, at, owner, reason, expires } = override;
      const manage = override.manage ?? comparison.policy.manage;
      const flag = live.flags.get(name);
      const resolver = resolvers.get(name) ?? createResolver(flag?.variations ?? []);
      resolvers.set(name, resolver);
      const resolution = resolver(setting);
      const index = flag?.environments.get(scope.environment)?.targets.get(contextKey(kind, key));
      const change = changes.get(scopedKey(scope, override));
      const liveValue = flag === undefined ? null : valueOf(flag, index);
      const value =
        flag === undefined || resolution.type !== 'variation' ? null : valueOf(flag, resolution.index);
      // An expired override is not a change if it is not live, or live with another value.
      const isAsWanted =
        liveValue?.variation === value?.variation || comparison.untouched.has(overrideKey(override));
      const mark = change?.mark ?? (isAsWanted ? undefined : 'expired');
      listed.push({
        ...scope,
        flag: name,
        kind,
        key,
        live: liveValue,
        // An expired override may select a variation that no longer exists.
        ...(value === null && setting.type !== 'none' ? {} : { declared: value }),
        at,
        ...(owner === undefined ? {} : { owner }),
        ...(reason === undefined ? {} : { reason }),
        ...(expires === undefined ? {} : { expires }),
        ...(manage === 'full' ? {} : { manage }),
        provenance: answers.get(scopedKey(scope, override))?.provenance ?? { type: 'unknown' },
        ...(mark === undefined ? {} : { mark }),
        ...noEffectPart(noEffect.get(id)),
      });
    }
    listed.push(...undeclared(comparison, plan, declared, isListed));
  }
  return listed.toSorted(compareChanges);
}

/** Live overrides that are not declared: those that the plan removes, and unmanaged ones. */
function undeclared(
  { scope, noEffect }: ScopeComparison,
  plan: Plan,
  declared: ReadonlyMap<string, DesiredOverride>,
  isListed: (id: OverrideId) => boolean,
): ListedOverride[] {
  const isHere = (other: ScopeId): boolean => scopeKey(other) === scopeKey(scope);
  const isDeclared = new Set([...declared.values()].map((override) => scopedKey(scope, override)));
  const removed = plan.changes
    .filter((change) => isHere(change) && !isDeclared.has(scopedKey(scope, change)))
    .map(({ flag, kind, key, before, provenance, mark }): ListedOverride => ({
      ...scope,
      flag,
      kind,
      key,
      live: before,
      provenance,
      mark,
      ...noEffectPart(noEffect.get(overrideKey({ flag, kind, key }))),
    }));
  const unmanaged = (plan.scopes.find(isHere)?.unmanagedOverrides ?? [])
    .filter((override) => isListed(override) && !isDeclared.has(scopedKey(scope, override)))
    .map((override): ListedOverride => ({
      ...scope,
      ...override,
      provenance: { type: 'none' },
      mark: 'unmanaged',
      ...noEffectPart(noEffect.get(overrideKey(override))),
    }));
  return [...removed, ...unmanaged];
}

function noEffectPart(noEffect: NoEffect | undefined): Pick<ListedOverride, 'noEffect'> {
  return noEffect === undefined ? {} : { noEffect };
}
