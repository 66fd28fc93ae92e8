import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { ComparisonProblems } from './comparison-problems.js';
import { manageRules } from './manage.js';
import { type NoEffect, NoEffectFinder } from './no-effect.js';
import type { OverrideValue } from './plan.js';
import { flagFilter, type ScopePolicy } from './policy.js';
import type { Resolution } from './setting.js';
import { createValueLookup, isSettable, type ValueLookup } from './override-values.js';
import {
  contextKey,
  type DesiredOverride,
  type DesiredScope,
  type LiveFlag,
  type LiveProject,
  type OverrideId,
  overrideKeyOf,
  parseContextKey,
  type ScopeId,
  type Setting,
} from './state.js';
import { createResolver } from './variations.js';
import type { WritePolicy } from './write-policy.js';

/** A declared override whose live value differs. */
export interface Difference extends OverrideId {
  readonly declared: DesiredOverride;
  readonly expired: boolean;
  readonly before: OverrideValue | null;
  readonly after: OverrideValue | null;
}

/** A live override that is not desired. */
export interface Undesired extends OverrideId {
  readonly before: OverrideValue;
  /** Declared and expired, but another value is live. It is not ours then, whatever history says. */
  readonly expired: boolean;
  /** Whether anything is declared for its context. */
  readonly contextDeclared: boolean;
}

/** How desired and live differ in one scope, before ownership is known. */
export interface ScopeComparison {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy;
  /** The time for which dates were compared, epoch milliseconds. */
  readonly now: number;
  readonly differences: readonly Difference[];
  readonly undesired: readonly Undesired[];
  /** `overrideKey` of each declared override that is already live. */
  readonly unchanged: readonly string[];
  /** Those of archived flags. They are not among `unchanged`: they serve nothing, and guards do not count them. */
  readonly archived: readonly string[];
  /**
   * Overrides that change nothing for any context, by `overrideKey`: declared ones as they are declared, others as they
   * are live. Expired ones are not among them.
   */
  readonly noEffect: ReadonlyMap<string, NoEffect>;
  /** `overrideKey` of each declared override that `manage` leaves as it is, whatever is live. */
  readonly untouched: ReadonlySet<string>;
  /** How many overrides are live in the flags that may be changed, without those that `manage: none` leaves alone. */
  readonly liveCount: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compares what a scope declares with what is live.
 * @param now epoch milliseconds, for expiry
 * @param writes which kind of request is used; not every variation can be set with a PUT
 */
export function compareScope(
  desired: DesiredScope,
  live: LiveProject,
  policy: ScopePolicy,
  now: number,
  writes: WritePolicy['mode'] = 'put',
): ScopeComparison {
  const { scope } = desired;
  const problems = new ComparisonProblems(scope, live);
  const resolvers = new Map<string, (setting: Setting) => Resolution>();
  const resolve = (flag: LiveFlag, override: DesiredOverride): Resolution => {
    const resolver = resolvers.get(flag.key) ?? createResolver(flag.variations);
    resolvers.set(flag.key, resolver);
    return resolver(override.setting);
  };

  const valueOf = createValueLookup();
  const differences: Difference[] = [];
  const unchanged: string[] = [];
  const archived: string[] = [];
  const noEffect = new NoEffectFinder(scope.environment);
  /** Expired overrides that are live with another value than the one that expired. Such a value is not ours. */
  const expiredOther = new Set<string>();
  const untouched = new Set<string>();
  for (const [key, override] of desired.overrides) {
    const manage = manageRules(override.manage ?? policy.manage);
    const expired = override.expires !== undefined && override.expires.at <= now;
    if (!manage.adds || (expired && manage.removes === 'none')) {
      untouched.add(key);
      continue;
    }
    const flag = live.flags.get(override.flag);
    if (expired) {
      const difference =
        flag === undefined
          ? undefined
          : expiredDifference(override, flag, resolve(flag, override), scope, valueOf);
      if (difference === undefined) expiredOther.add(key);
      else differences.push(difference);
      continue;
    }
    if (flag === undefined) {
      problems.unknownFlag(override);
      continue;
    }
    if (flag.state === 'archived') {
      // LaunchDarkly does not change archived flags, so nothing can be written.
      const index = liveIndex(flag, scope, override);
      if (!selects(resolve(flag, override), index)) {
        if (manage.updates || index === undefined) problems.archivedFlag(override);
        else untouched.add(key);
        continue;
      }
      archived.push(key);
      if (index !== undefined) noEffect.add(key, override.kind, flag, index);
      continue;
    }
    if (
      live.contextKinds !== undefined &&
      override.kind !== 'user' &&
      !live.contextKinds.has(override.kind)
    ) {
      problems.unknownKind(override, live.contextKinds);
      continue;
    }
    const resolution = resolve(flag, override);
    if (resolution.type === 'unknown' || resolution.type === 'ambiguous') {
      problems.unresolved(override, flag, resolution);
      continue;
    }
    const before = liveIndex(flag, scope, override);
    const after = resolution.type === 'none' ? undefined : resolution.index;
    const mayReplace = after === undefined ? manage.removes === 'any' : manage.updates;
    if (before !== undefined && before !== after && !mayReplace) {
      untouched.add(key);
      continue;
    }
    if (after !== undefined) noEffect.add(key, override.kind, flag, after);
    if (before === after) {
      unchanged.push(key);
      continue;
    }
    const value = valueOf(flag, after);
    if (value !== null && !isSettable(value, writes)) problems.notSettable(override, value);
    differences.push({
      flag: override.flag,
      kind: override.kind,
      key: override.key,
      declared: override,
      expired: false,
      before: valueOf(flag, before),
      after: value,
    });
  }

  const { undesired, liveCount } = findUndesired(live, desired, policy, {
    expiredOther,
    noEffect,
    valueOf,
  });
  return {
    scope,
    policy,
    now,
    differences,
    undesired,
    unchanged,
    archived,
    untouched,
    noEffect: noEffect.find(),
    liveCount,
    diagnostics: problems.diagnostics(),
  };
}

/** Whether a declaration asks for the variation with this index, or for no override if it is undefined. */
function selects(resolution: Resolution, index: number | undefined): boolean {
  if (resolution.type === 'none') return index === undefined;
  return resolution.type === 'variation' && resolution.index === index;
}

/** The removal of an expired override, if it is live with the value that expired. */
function expiredDifference(
  override: DesiredOverride,
  flag: LiveFlag,
  resolution: Resolution,
  scope: ScopeId,
  valueOf: ValueLookup,
): Difference | undefined {
  if (resolution.type !== 'variation' || flag.state === 'archived') return undefined;
  if (liveIndex(flag, scope, override) !== resolution.index) return undefined;
  return {
    flag: override.flag,
    kind: override.kind,
    key: override.key,
    declared: override,
    expired: true,
    before: valueOf(flag, resolution.index),
    after: null,
  };
}

function findUndesired(
  live: LiveProject,
  { scope, overrides }: DesiredScope,
  policy: ScopePolicy,
  {
    expiredOther,
    noEffect,
    valueOf,
  }: {
    readonly expiredOther: ReadonlySet<string>;
    /** Receives what is found. */
    readonly noEffect: NoEffectFinder;
    readonly valueOf: ValueLookup;
  },
): { readonly undesired: Undesired[]; readonly liveCount: number } {
  const mayTouch = flagFilter(policy);
  const undesired: Undesired[] = [];
  let liveCount = 0;
  let declaredContexts: ReadonlySet<string> | undefined;
  for (const flag of live.flags.values()) {
    if (flag.state === 'archived' || !mayTouch(flag.key)) continue;
    const targets = flag.environments.get(scope.environment)?.targets ?? new Map<string, number>();
    liveCount += targets.size;
    for (const [context, variation] of targets) {
      const key = overrideKeyOf(flag.key, context);
      const declared = overrides.get(key);
      const expired = expiredOther.has(key);
      if (isLeftAlone(declared, policy)) liveCount -= 1;
      if (declared !== undefined && !expired) continue;
      const before = valueOf(flag, variation);
      if (before === null) continue;
      // Built on demand: most comparisons find nothing undesired.
      declaredContexts ??= contextsOf(overrides.values(), policy);
      const parsed = parseContextKey(context);
      if (!expired) noEffect.add(key, parsed.kind, flag, variation);
      undesired.push({
        flag: flag.key,
        ...parsed,
        before,
        expired,
        contextDeclared: declaredContexts.has(context),
      });
    }
  }
  return { undesired, liveCount };
}

/** The contexts for which something is declared that is not left alone. */
function contextsOf(overrides: Iterable<DesiredOverride>, policy: ScopePolicy): ReadonlySet<string> {
  const contexts = new Set<string>();
  for (const override of overrides) {
    if (!isLeftAlone(override, policy)) contexts.add(contextKey(override.kind, override.key));
  }
  return contexts;
}

function isLeftAlone(override: DesiredOverride | undefined, policy: ScopePolicy): boolean {
  return override !== undefined && !manageRules(override.manage ?? policy.manage).adds;
}

function liveIndex(flag: LiveFlag, scope: ScopeId, { kind, key }: OverrideId): number | undefined {
  return flag.environments.get(scope.environment)?.targets.get(contextKey(kind, key));
}
