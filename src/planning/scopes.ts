import { type Config, policyOf } from '../config/config.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { type DesiredScope, type DesiredState, type ScopeId, scopeKey } from '../reconcile/state.js';

/** A scope that the plan covers; without a policy the configuration keeps it out of reach. */
export interface CoveredScope {
  readonly scope: ScopeId;
  readonly policy: ScopePolicy | undefined;
  readonly desired: DesiredScope;
  /** Whether nothing but its last-applied ref names it. */
  readonly onlyApplied: boolean;
}

/**
 * Every scope that is declared, that the configuration lists, or that was applied once: deleting the last file of a
 * scope must remove its overrides.
 */
export function coveredScopes(
  desired: DesiredState,
  config: Config,
  applied: Iterable<ScopeId>,
): CoveredScope[] {
  const scopes = new Map<string, ScopeId>();
  const named = [...[...desired.values()].map(({ scope }) => scope), ...(config.scopes ?? [])];
  const names = new Set(named.map(scopeKey));
  for (const { project, environment } of [...named, ...applied]) {
    scopes.set(scopeKey({ project, environment }), { project, environment });
  }
  return [...scopes].map(([key, scope]) => ({
    scope,
    policy: policyOf(config, scope),
    desired: desired.get(key) ?? { scope, overrides: new Map() },
    onlyApplied: !names.has(key),
  }));
}
