import { didYouMean } from '../diagnostics/nearest.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { FlagReader } from '../launchdarkly/client.js';
import {
  type ChangeFilter,
  contextGlob,
  contextName,
  nameFilter,
  unmatchedGlobs,
} from '../reconcile/filter.js';
import { type LiveState, parseOverrideKey, type ScopeId, scopeKey } from '../reconcile/state.js';
import { type Histories, historyOf } from './scope-histories.js';
import type { CoveredScope } from './scopes.js';

// A filter that matches nothing is a typo. Without an error, an apply that did nothing would end with exit code 0.

/** The number of names that a hint lists. */
const LISTED = 10;

/**
 * Checks the filters for projects and environments, before LaunchDarkly is read.
 * @param covered every scope that is declared, configured or was applied once
 * @throws OperatorError `filter-empty`; `filter-unknown` if a filter matches none of those scopes
 */
export function checkScopeFilters(
  filter: ChangeFilter,
  covered: readonly { readonly scope: ScopeId }[],
): void {
  for (const [option, globs] of Object.entries({
    '--project': filter.projects,
    '--environment': filter.environments,
    '--flag': filter.flags,
    '--context': filter.contexts,
  })) {
    if (!globs.includes('')) continue;
    throw new OperatorError('filter-empty', `${option} is empty`, {
      hint: 'leave it out to select everything',
    });
  }
  const projects = new Set(covered.map(({ scope }) => scope.project));
  const [project] = unmatchedGlobs(filter.projects, projects);
  if (project !== undefined)
    throw unknownName(`--project ${project} matches no known project`, namesHint(project, projects));
  const isSelected = nameFilter(filter.projects);
  const environments = new Set(
    covered.filter(({ scope }) => isSelected(scope.project)).map(({ scope }) => scope.environment),
  );
  const [environment] = unmatchedGlobs(filter.environments, environments);
  if (environment === undefined) return;
  throw unknownName(
    `--environment ${environment} matches no known environment${within(filter)}`,
    namesHint(environment, environments),
  );
}

/** Everything that was read and that contains names of flags and contexts. */
export interface Known {
  readonly covered: readonly CoveredScope[];
  readonly histories: Histories;
  readonly live: LiveState;
  /** The scopes that exist in LaunchDarkly and that the configuration does not exclude. */
  readonly scopes: readonly ScopeId[];
  readonly reader: FlagReader;
}

/**
 * Checks the filters for flags and contexts. Flags that the plan does not need were not read, so LaunchDarkly is asked
 * about a flag before it counts as unknown; for a pattern, all flags are read.
 * @throws OperatorError `filter-unknown`
 */
export async function checkNameFilters(filter: ChangeFilter, known: Known): Promise<void> {
  await checkFlagFilters(filter, known);
  const unmatched = new Set(unmatchedGlobs(filter.contexts.map(contextGlob), contextNames(known)));
  const context = filter.contexts.find((glob) => unmatched.has(contextGlob(glob)));
  if (context === undefined) return;
  throw unknownName(`--context ${context} matches no known context`, contextHint(context, known));
}

async function checkFlagFilters(filter: ChangeFilter, known: Known): Promise<void> {
  const projects = selectedProjects(filter, known);
  const missing: string[] = [];
  for (const flag of unmatchedGlobs(filter.flags, flagNames(filter, known))) {
    if (isPattern(flag) || !(await exists(flag, projects, known))) missing.push(flag);
  }
  if (missing.length === 0) return;
  // Either one of them is a pattern that may match flags that were not read, or the error will suggest the nearest
  // name.
  const all = await everyFlag(projects, known);
  const [flag] = unmatchedGlobs(missing, all);
  if (flag === undefined) return;
  const near = didYouMean(flag, new Set([...flagNames(filter, known), ...all]));
  throw unknownName(
    `--flag ${flag} matches no known flag${within(filter)}`,
    near ?? 'check its key in LaunchDarkly',
  );
}

type Projects = ReadonlyMap<string, readonly string[]>;

/** Whether LaunchDarkly has a flag with exactly that key, in any state. */
async function exists(flag: string, projects: Projects, { reader }: Known): Promise<boolean> {
  for (const [project, environments] of projects) {
    if ((await reader.getFlag(project, flag, environments)) !== undefined) return true;
  }
  return false;
}

/** Flag keys consist of letters, digits, dots, dashes and underscores. */
function isPattern(flag: string): boolean {
  return !/^[\w.-]+$/.test(flag);
}

/** The flags of the selected projects that are declared, were applied or were read. */
function* flagNames(filter: ChangeFilter, { covered, histories, live }: Known): Generator<string> {
  const isSelected = nameFilter(filter.projects);
  for (const { scope, desired } of covered) {
    if (!isSelected(scope.project)) continue;
    yield* live.get(scope.project)?.flags.keys() ?? [];
    for (const { flag } of desired.overrides.values()) yield flag;
    const then = historyOf(histories, scopeKey(scope)).declaredThen?.keys() ?? [];
    for (const override of then) yield parseOverrideKey(override).flag;
    yield* histories.flagsSince.get(scopeKey(scope)) ?? [];
  }
}

/** Keys of all flags in these projects that are not archived and were not read yet. */
async function everyFlag(projects: Projects, { live, reader }: Known): Promise<readonly string[]> {
  const keys: string[] = [];
  for (const [project, environments] of projects) {
    if (live.get(project)?.complete === true) continue;
    for (const state of ['live', 'deprecated'] as const) {
      const pages = await reader.listFlags(project, environments, state);
      for (const { key } of [...pages.flags, ...(await pages.rest())]) keys.push(key);
    }
  }
  return keys;
}

/** The projects that a filter selects, each with the environments that the plan reads. */
function selectedProjects(filter: ChangeFilter, { scopes }: Known): Projects {
  const isSelected = nameFilter(filter.projects);
  const projects = new Map<string, string[]>();
  for (const { project, environment } of scopes) {
    if (!isSelected(project)) continue;
    const environments = projects.get(project);
    if (environments === undefined) projects.set(project, [environment]);
    else environments.push(environment);
  }
  return projects;
}

/** All contexts that are declared, were applied, or are live in the flags that were read, as `kind:key`; with repeats. */
function* contextNames({ covered, histories, live }: Known): Generator<string> {
  for (const { scope, desired } of covered) {
    for (const override of desired.overrides.values()) yield contextName(override);
    const then = historyOf(histories, scopeKey(scope)).declaredThen?.keys() ?? [];
    for (const override of then) yield contextName(parseOverrideKey(override));
  }
  for (const project of live.values()) {
    for (const flag of project.flags.values()) {
      for (const environment of flag.environments.values()) {
        for (const context of environment.targets.keys()) yield context.replace('\n', ':');
      }
    }
  }
}

function contextHint(glob: string, known: Known): string {
  const names = new Set(contextNames(known));
  const fallback = 'known contexts are those that are declared, or live in the flags that were read';
  if (glob.includes(':')) return didYouMean(glob, names) ?? fallback;
  const sameKey = [...names].find((name) => name.slice(name.indexOf(':') + 1) === glob);
  if (sameKey !== undefined) return `did you mean ${sameKey}?`;
  const users = [...names]
    .filter((name) => name.startsWith('user:'))
    .map((name) => name.slice('user:'.length));
  return didYouMean(glob, users) ?? fallback;
}

function namesHint(glob: string, names: ReadonlySet<string>): string {
  if (names.size === 0) return 'there is none: nothing is declared, configured or was applied';
  const listed = [...names].toSorted().slice(0, LISTED).join(', ');
  const more = names.size > LISTED ? ` and ${names.size - LISTED} more` : '';
  return didYouMean(glob, names) ?? `known: ${listed}${more}`;
}

/** Names the filter for projects, if there is one. */
function within({ projects }: ChangeFilter): string {
  return projects.length === 0 ? '' : ` of ${projects.map((glob) => `--project ${glob}`).join(' or ')}`;
}

function unknownName(message: string, hint: string): OperatorError {
  return new OperatorError('filter-unknown', message, { hint });
}
