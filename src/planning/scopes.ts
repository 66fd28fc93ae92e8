import { type Config, policyOf } from '../config/config.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import { type DesiredScope, type DesiredState, type ScopeId, scopeKey } from '../reconcile/state.js';

/** A scope that the plan covers. */
export interface CoveredScope {
  readonly scope: ScopeId;
  /** Undefined if the configuration lists scopes and this is not one of them: then nothing in it may be changed. */
  readonly policy: ScopePolicy | undefined;
  readonly desired: DesiredScope;
  /** Whether only its last-applied ref or an attempt names it: it is neither declared nor configured. */
  readonly onlyApplied: boolean;
}

/**
 * Returns every scope that is declared, listed in the configuration, or was applied before. The last are included so that
 * deleting the last file of a scope removes its overrides.
 * @param applied the scopes that have a last-applied ref or an attempt
 * @param asked scopes that the command line names, although nothing may be declared in them
 */
export function coveredScopes(
  desired: DesiredState,
  config: Config,
  applied: Iterable<ScopeId>,
  asked: Iterable<ScopeId> = [],
): CoveredScope[] {
  const scopes = new Map<string, ScopeId>();
  const named = [...[...desired.values()].map(({ scope }) => scope), ...(config.scopes ?? []), ...asked];
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

/** A covered scope in which overrides may be changed. */
export type ManagedScope = CoveredScope & { readonly policy: ScopePolicy };

/** The covered scopes in which the configuration allows changes. */
export function managedScopes(covered: readonly CoveredScope[]): ManagedScope[] {
  return covered.flatMap((scope) => (scope.policy === undefined ? [] : { ...scope, policy: scope.policy }));
}
