import { OperatorError } from '../diagnostics/operator-error.js';
import type { ScopeId } from '../reconcile/state.js';
import type { Declared } from './read-declarations.js';
import { isSelectedBy, type ScopeSelection } from './selection.js';

/** A key of a project or an environment, in which no character is an operator of globs. */
const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * The scopes that `--project` and `--environment` name by their keys. Commands that only show what is live can read them
 * although nothing is declared there. A configuration that lists scopes allows no others.
 *
 * Several projects and environments are not meant in every combination: if declared scopes of the selection have both
 * names of a pair already, the pair is left out, since it may not exist.
 */
export function namedScopes({ config: { scopes }, desired }: Declared, selection: ScopeSelection): ScopeId[] {
  if (scopes !== undefined) return [];
  const declared = [...desired.values()].map(({ scope }) => scope).filter(isSelectedBy(selection));
  const projects = new Set(declared.map(({ project }) => project));
  const environments = new Set(declared.map(({ environment }) => environment));
  return selection.projects
    .filter((project) => KEY.test(project))
    .flatMap((project) =>
      selection.environments
        .filter((environment) => KEY.test(environment))
        .filter((environment) => !projects.has(project) || !environments.has(environment))
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
