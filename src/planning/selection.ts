import { didYouMean } from '../diagnostics/nearest.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { checkGlobs, nameFilter, unmatchedGlobs } from '../reconcile/filter.js';
import type { ScopeId } from '../reconcile/state.js';

/**
 * Globs that select whole scopes, before LaunchDarkly is read. An empty list selects all. For the selected scopes the run
 * is complete: guards check them and their last-applied refs move. Other scopes are neither read nor changed, so the
 * access token needs no permission for them.
 */
export interface ScopeSelection {
  readonly projects: readonly string[];
  readonly environments: readonly string[];
}

/** The number of names that a hint lists. */
const LISTED = 10;

/**
 * Checks the globs, before anything is read.
 * @throws OperatorError `bad-glob`, `filter-empty`
 */
export function checkSelection({ projects, environments }: ScopeSelection): void {
  checkGlobs('--project', projects, 'key');
  checkGlobs('--environment', environments, 'key');
}

/** A predicate for the selected scopes. */
export function isSelectedBy({ projects, environments }: ScopeSelection): (scope: ScopeId) => boolean {
  const project = nameFilter(projects);
  const environment = nameFilter(environments);
  return (scope) => project(scope.project) && environment(scope.environment);
}

/**
 * The covered scopes that are selected.
 * @param covered every scope that is declared, configured or was applied once
 * @throws OperatorError `filter-unknown` if a glob matches none of those scopes, since that is a typo
 */
export function selectScopes<Covered extends { readonly scope: ScopeId }>(
  covered: readonly Covered[],
  selection: ScopeSelection,
): readonly Covered[] {
  const projects = new Set(covered.map(({ scope }) => scope.project));
  const [project] = unmatchedGlobs(selection.projects, projects);
  if (project !== undefined) throw unknownName('project', project, projects);
  const isSelectedProject = nameFilter(selection.projects);
  const environments = new Set(
    covered.filter(({ scope }) => isSelectedProject(scope.project)).map(({ scope }) => scope.environment),
  );
  const [environment] = unmatchedGlobs(selection.environments, environments);
  if (environment !== undefined)
    throw unknownName('environment', environment, environments, within(selection));
  const isSelected = isSelectedBy(selection);
  return covered.filter(({ scope }) => isSelected(scope));
}

function unknownName(
  option: 'project' | 'environment',
  glob: string,
  names: ReadonlySet<string>,
  where = '',
): OperatorError {
  return new OperatorError('filter-unknown', `--${option} ${glob} matches no known ${option}${where}`, {
    hint: namesHint(glob, names),
  });
}

function namesHint(glob: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return 'there is none: nothing is declared, configured or was applied';
  const listed = [...names].toSorted().slice(0, LISTED).join(', ');
  const more = names.size > LISTED ? ` and ${names.size - LISTED} more` : '';
  return didYouMean(glob, names) ?? `known: ${listed}${more}`;
}

/** Names the selected projects, if there are any. */
export function within({ projects }: ScopeSelection): string {
  return projects.length === 0 ? '' : ` of ${projects.map((glob) => `--project ${glob}`).join(' or ')}`;
}
