import { didYouMean } from '../diagnostics/nearest.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { FlagReader } from '../launchdarkly/client.js';
import { type ChangeFilter, contextGlob, contextName, unmatchedGlobs } from '../reconcile/filter.js';
import { type LiveState, parseOverrideKey, type ScopeId, scopeKey } from '../reconcile/state.js';
import { type Histories, historyOf } from './scope-histories.js';
import type { CoveredScope } from './scopes.js';
import { type ScopeSelection, within } from './selection.js';

// A filter that matches nothing is a typo. Without an error, an apply that did nothing would end with exit code 0.

/** Everything that was read and that contains names of flags and contexts, for the selected scopes. */
export interface Known {
  readonly selection: ScopeSelection;
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
  checkContextGlobs('--context', filter.contexts, known);
}

/**
 * Checks that each glob of an option matches a context.
 * @param words that the option accepts too, in case one of them was meant
 * @throws OperatorError `filter-unknown`
 */
export function checkContextGlobs(
  option: string,
  globs: readonly string[],
  known: Known,
  words: readonly string[] = [],
): void {
  const unmatched = new Set(unmatchedGlobs(globs.map(contextGlob), contextNames(known)));
  const context = globs.find((glob) => unmatched.has(contextGlob(glob)));
  if (context === undefined) return;
  const hint = didYouMean(context, words) ?? contextHint(context, known);
  throw unknownName(`${option} ${context} matches no known context`, hint);
}

async function checkFlagFilters(filter: ChangeFilter, known: Known): Promise<void> {
  const projects = projectsOf(known);
  const missing: string[] = [];
  for (const flag of unmatchedGlobs(filter.flags, flagNames(known))) {
    if (isPattern(flag) || !(await exists(flag, projects, known))) missing.push(flag);
  }
  if (missing.length === 0) return;
  // Either one of them is a pattern that may match flags that were not read, or the error will suggest the nearest
  // name.
  const all = await everyFlag(projects, known);
  const [flag] = unmatchedGlobs(missing, all);
  if (flag === undefined) return;
  const near = didYouMean(flag, new Set([...flagNames(known), ...all]));
  throw unknownName(
    `--flag ${flag} matches no known flag${within(known.selection)}`,
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
function* flagNames({ covered, histories, live }: Known): Generator<string> {
  for (const { scope, desired } of covered) {
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

/** The selected projects, each with the environments that the plan reads. */
function projectsOf({ scopes }: Known): Projects {
  const projects = new Map<string, string[]>();
  for (const { project, environment } of scopes) {
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

function unknownName(message: string, hint: string): OperatorError {
  return new OperatorError('filter-unknown', message, { hint });
}
