import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { ComparisonProblems } from './comparison-problems.js';
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

/** A declared override that is not live as it should be. */
export interface Difference extends OverrideId {
  readonly declared: DesiredOverride;
  readonly expired: boolean;
  readonly before: OverrideValue | null;
  readonly after: OverrideValue | null;
}

/** A live override that nothing desires. */
export interface Undesired extends OverrideId {
  readonly before: OverrideValue;
  /** Declared, but expired, while another value is live: history has no say in it. */
  readonly expired: boolean;
  /** Whether the declarations say anything about its context. */
  readonly contextDeclared: boolean;
}

/** Desired and live of one scope, side by side, before ownership is known. */
export interface ScopeComparison {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy;
  readonly differences: readonly Difference[];
  readonly undesired: readonly Undesired[];
  /** `overrideKey` of what is declared and live already. */
  readonly unchanged: readonly string[];
  /** Live overrides in flags that may be touched. */
  readonly liveCount: number;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Compares what a scope declares with what is live. Pure.
 * @param now epoch milliseconds, for expiry
 * @param writes decides which variations can be set at all
 */
export function compareScope(
  desired: DesiredScope,
  live: LiveProject,
  policy: ScopePolicy,
  now: number,
  writes: WritePolicy['mode'] = 'put',
): ScopeComparison {
  const { scope } = desired;
  const findings = new ComparisonProblems(scope, live);
  const resolvers = new Map<string, (setting: Setting) => Resolution>();
  const resolve = (flag: LiveFlag, override: DesiredOverride): Resolution => {
    const resolver = resolvers.get(flag.key) ?? createResolver(flag.variations);
    resolvers.set(flag.key, resolver);
    return resolver(override.setting);
  };

  const sideOf = createValueLookup();
  const differences: Difference[] = [];
  const unchanged: string[] = [];
  const expiries = new Map<string, Expired>();
  for (const [key, override] of desired.overrides) {
    const expired = override.expires !== undefined && override.expires.at <= now;
    const flag = live.flags.get(override.flag);
    if (expired) {
      const difference =
        flag === undefined
          ? undefined
          : expiredDifference(override, flag, resolve(flag, override), scope, sideOf);
      if (difference !== undefined) differences.push(difference);
      expiries.set(key, difference === undefined ? 'other value' : 'removed');
      continue;
    }
    if (flag === undefined) {
      findings.unknownFlag(override);
      continue;
    }
    if (flag.state === 'archived') {
      findings.archivedFlag(override);
      continue;
    }
    if (
      live.contextKinds !== undefined &&
      override.kind !== 'user' &&
      !live.contextKinds.has(override.kind)
    ) {
      findings.unknownKind(override);
      continue;
    }
    const resolution = resolve(flag, override);
    if (resolution.type === 'unknown' || resolution.type === 'ambiguous') {
      findings.unresolved(override, flag, resolution);
      continue;
    }
    const before = liveIndex(flag, scope, override);
    const after = resolution.type === 'none' ? undefined : resolution.index;
    if (before === after) {
      unchanged.push(key);
      continue;
    }
    const wanted = sideOf(flag, after);
    if (wanted !== null && !isSettable(wanted, writes)) findings.notSettable(override, wanted);
    differences.push({
      flag: override.flag,
      kind: override.kind,
      key: override.key,
      declared: override,
      expired: false,
      before: sideOf(flag, before),
      after: wanted,
    });
  }

  const { undesired, liveCount } = findUndesired(live, desired, policy, expiries, sideOf);
  return { scope, policy, differences, undesired, unchanged, liveCount, diagnostics: findings.diagnostics() };
}

/** What becomes of an override that expired: it is removed, or it is live with another value or not at all. */
type Expired = 'removed' | 'other value';

/** An expired override is removed where it is live with the value that expired; any other value is not ours. */
function expiredDifference(
  override: DesiredOverride,
  flag: LiveFlag,
  resolution: Resolution,
  scope: ScopeId,
  sideOf: ValueLookup,
): Difference | undefined {
  if (resolution.type !== 'variation' || flag.state === 'archived') return undefined;
  if (liveIndex(flag, scope, override) !== resolution.index) return undefined;
  return {
    flag: override.flag,
    kind: override.kind,
    key: override.key,
    declared: override,
    expired: true,
    before: sideOf(flag, resolution.index),
    after: null,
  };
}

function findUndesired(
  live: LiveProject,
  { scope, overrides }: DesiredScope,
  policy: ScopePolicy,
  expiries: ReadonlyMap<string, Expired>,
  sideOf: ValueLookup,
): { readonly undesired: Undesired[]; readonly liveCount: number } {
  const mayTouch = flagFilter(policy);
  const undesired: Undesired[] = [];
  let liveCount = 0;
  let contexts: ReadonlySet<string> | undefined;
  for (const flag of live.flags.values()) {
    if (flag.state === 'archived' || !mayTouch(flag.key)) continue;
    const targets = flag.environments.get(scope.environment)?.targets ?? new Map<string, number>();
    liveCount += targets.size;
    for (const [context, variation] of targets) {
      const key = overrideKeyOf(flag.key, context);
      const expired = expiries.get(key);
      if (overrides.has(key) && expired !== 'other value') continue;
      const before = sideOf(flag, variation);
      if (before === null) continue;
      // Mostly nobody asks.
      contexts ??= contextsOf(overrides.values());
      undesired.push({
        flag: flag.key,
        ...parseContextKey(context),
        before,
        expired: expired !== undefined,
        contextDeclared: contexts.has(context),
      });
    }
  }
  return { undesired, liveCount };
}

function contextsOf(overrides: Iterable<OverrideId>): ReadonlySet<string> {
  const contexts = new Set<string>();
  for (const { kind, key } of overrides) contexts.add(contextKey(kind, key));
  return contexts;
}

function liveIndex(flag: LiveFlag, scope: ScopeId, { kind, key }: OverrideId): number | undefined {
  return flag.environments.get(scope.environment)?.targets.get(contextKey(kind, key));
}
