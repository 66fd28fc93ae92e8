import type { BudgetState } from '../server/budgets.js';
import type { World } from '../world/world.js';

/** The environment that a browser tab shows, and the data for it. */
export interface PageView {
  readonly world: World;
  readonly project: string;
  readonly environment: string;
  readonly budgets: readonly BudgetState[];
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether it is served over https. */
  readonly isTls: boolean;
}

/** The project and environment in the query, or the first one. */
export function viewedEnvironment(
  world: World,
  query: URLSearchParams,
): { project: string; environment: string } {
  const project = world.projects.get(query.get('project') ?? '') ?? [...world.projects.values()][0];
  const environment =
    project?.environments.get(query.get('environment') ?? '') ??
    [...(project?.environments.values() ?? [])][0];
  return { project: project?.key ?? '', environment: environment?.key ?? '' };
}
