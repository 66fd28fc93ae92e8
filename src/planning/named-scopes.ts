import type { Config } from '../config/config.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { ScopeId } from '../reconcile/state.js';
import type { ScopeSelection } from './selection.js';

/** A key of a project or an environment, in which no character is an operator of globs. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * The scopes that `--project` and `--environment` name by their keys. Commands that only show what is live can read them
 * although nothing is declared there. A configuration that lists scopes allows no others.
 */
export function namedScopes(
  { scopes }: Config,
  { projects, environments }: ScopeSelection,
): readonly ScopeId[] {
  if (scopes !== undefined) return [];
  return projects
    .filter((project) => KEY.test(project))
    .flatMap((project) =>
      environments
        .filter((environment) => KEY.test(environment))
        .map((environment) => ({ project, environment })),
    );
}

/**
 * The error for a command that has no scope to read.
 * @param what it wants to do with it
 */
export function noScope(what: string): OperatorError {
  return new OperatorError('no-scope', `nothing says which project and environment to ${what}`, {
    hint: 'pass --project and --environment with their keys, or list scopes in flagops.yaml',
  });
}
