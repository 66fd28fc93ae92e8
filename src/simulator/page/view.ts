import type { BudgetState } from '../server/budgets.js';
import type { World } from '../world/world.js';

/** What one tab of the page is about, and everything it is drawn from. */
export interface View {
  readonly world: World;
  readonly project: string;
  readonly environment: string;
  readonly budgets: readonly BudgetState[];
  /** Epoch milliseconds. */
  readonly now: number;
}

/** The project and environment that an address asks for, or the first there is. */
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
