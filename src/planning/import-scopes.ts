import { OperatorError } from '../diagnostics/operator-error.js';
import type { ScopeId } from '../reconcile/state.js';
import type { Declared } from './read-declarations.js';
import { type CoveredScope, coveredScopes, type ManagedScope, managedScopes } from './scopes.js';
import { type ScopeSelection, selectScopes } from './selection.js';

/** A key of a project or an environment, in which no character is an operator of globs. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** The scopes of an import. */
export interface ImportScopes {
  /** Every scope that is declared, configured or named on the command line. */
  readonly covered: readonly CoveredScope[];
  readonly selected: readonly ManagedScope[];
}

/**
 * The selected scopes of those that are declared or configured. If the configuration lists no scopes, `--project` and
 * `--environment` can also name new ones.
 * @throws OperatorError `import-no-scope`, `filter-unknown`
 */
export function importScopes({ desired, config }: Declared, selection: ScopeSelection): ImportScopes {
  const covered = coveredScopes(desired, config, config.scopes === undefined ? namedBy(selection) : []);
  if (covered.length === 0) {
    throw new OperatorError('import-no-scope', 'nothing says which project and environment to import', {
      hint: 'pass --project and --environment with their keys, or list scopes in flagops.yaml',
    });
  }
  return { covered, selected: managedScopes(selectScopes(covered, selection)) };
}

function namedBy({ projects, environments }: ScopeSelection): ScopeId[] {
  return projects
    .filter((project) => KEY.test(project))
    .flatMap((project) =>
      environments
        .filter((environment) => KEY.test(environment))
        .map((environment) => ({ project, environment })),
    );
}
