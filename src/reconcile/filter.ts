import type { Change } from './plan.js';
import { matcher } from './policy.js';

/** Globs that narrow which changes are looked at, after everything was compared. Empty lists let all through. */
export interface ChangeFilter {
  readonly projects: readonly string[];
  readonly environments: readonly string[];
  readonly flags: readonly string[];
  /** `kind:key`, or a key alone for the kind user. */
  readonly contexts: readonly string[];
}

export function isFiltering(filter: ChangeFilter): boolean {
  return Object.values(filter).some((globs: readonly string[]) => globs.length > 0);
}

export function filterChanges(changes: readonly Change[], filter: ChangeFilter): Change[] {
  const project = orAll(filter.projects);
  const environment = orAll(filter.environments);
  const flag = orAll(filter.flags);
  const context = orAll(filter.contexts.map((glob) => (glob.includes(':') ? glob : `user:${glob}`)));
  return changes.filter(
    (change) =>
      project(change.project) &&
      environment(change.environment) &&
      flag(change.flag) &&
      context(`${change.kind}:${change.key}`),
  );
}

function orAll(globs: readonly string[]): (text: string) => boolean {
  return globs.length === 0 ? () => true : matcher(globs);
}
