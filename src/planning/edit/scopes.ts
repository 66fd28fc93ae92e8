import { OperatorError } from '../../diagnostics/operator-error.js';
import { type ScopeId, scopeKey } from '../../reconcile/state.js';
import { namedScopes, noScope } from '../named-scopes.js';
import type { Declared } from '../read-declarations.js';
import { coveredScopes, type ManagedScope, managedScopes } from '../scopes.js';
import { type ScopeSelection, selectScopes } from '../selection.js';

/**
 * The scopes of an edit: the one that is declared or configured, or those that the command line selects.
 * @throws OperatorError `edit-scope` if there are several and none is selected; `no-scope`, `filter-unknown`
 */
export function editedScopes(declared: Declared, selection: ScopeSelection): readonly ManagedScope[] {
  const { desired, config } = declared;
  const covered = coveredScopes(desired, config, namedScopes(declared, selection));
  if (covered.length === 0) throw noScope('edit');
  const selected = managedScopes(selectScopes(covered, selection));
  refuseSeveral(
    selected.map(({ scope }) => scope),
    selection,
  );
  return selected;
}

/**
 * Refuses several scopes unless the command line names them.
 * @throws OperatorError `edit-scope`
 */
export function refuseSeveral(scopes: readonly ScopeId[], selection: ScopeSelection): void {
  const projects = new Set(scopes.map(({ project }) => project));
  const environments = new Set(scopes.map(({ environment }) => environment));
  const missing = [
    ...(projects.size > 1 && selection.projects.length === 0 ? [option('project', projects)] : []),
    ...(environments.size > 1 && selection.environments.length === 0
      ? [option('environment', environments)]
      : []),
  ];
  if (missing.length === 0) return;
  const names = scopes.map(scopeKey).toSorted();
  throw new OperatorError('edit-scope', `there are several scopes: ${names.join(', ')}`, {
    hint: `pass ${missing.join(' and ')}`,
  });
}

function option(name: string, keys: ReadonlySet<string>): string {
  const [first = '', ...others] = [...keys].toSorted();
  return `--${name} ${first}${others.map((key) => ` or ${key}`).join('')}`;
}
