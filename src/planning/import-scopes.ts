import { namedScopes, noScope } from './named-scopes.js';
import type { Declared } from './read-declarations.js';
import { type CoveredScope, coveredScopes, type ManagedScope, managedScopes } from './scopes.js';
import { type ScopeSelection, selectScopes } from './selection.js';

/** The scopes of an import. */
export interface ImportScopes {
  /** Every scope that is declared, configured or named on the command line. */
  readonly covered: readonly CoveredScope[];
  readonly selected: readonly ManagedScope[];
}

/**
 * The selected scopes of those that are declared or configured. If the configuration lists no scopes, `--project` and
 * `--environment` can also name new ones.
 * @throws OperatorError `no-scope`, `filter-unknown`
 */
export function importScopes(declared: Declared, selection: ScopeSelection): ImportScopes {
  const covered = coveredScopes(declared.desired, declared.config, namedScopes(declared, selection));
  if (covered.length === 0) throw noScope('import');
  return { covered, selected: managedScopes(selectScopes(covered, selection)) };
}
