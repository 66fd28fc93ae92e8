import type { BudgetState } from '../server/budgets.js';
import type { RecordedRequest } from '../server/recording.js';
import type { World } from '../world/world.js';

/** The environment that a browser tab shows, and the data for it. */
export interface PageView extends ViewedPlace {
  readonly world: World;
  readonly budgets: readonly BudgetState[];
  /** Oldest first. */
  readonly requests: readonly RecordedRequest[];
  /** Epoch milliseconds. */
  readonly now: number;
  /** Whether it is served over https. */
  readonly isTls: boolean;
}

/** What the query of the page's address selects. */
export interface ViewedPlace {
  /** Keys. */
  readonly project: string;
  readonly environment: string;
  /** Whether the audit log shows all projects and environments. */
  readonly wholeLog: boolean;
}

/** The project and environment in the query, or the first one. */
export function viewedPlace(world: World, query: URLSearchParams): ViewedPlace {
  const project = world.projects.get(query.get('project') ?? '') ?? [...world.projects.values()][0];
  const environment =
    project?.environments.get(query.get('environment') ?? '') ??
    [...(project?.environments.values() ?? [])][0];
  return {
    project: project?.key ?? '',
    environment: environment?.key ?? '',
    wholeLog: query.get('log') === 'all',
  };
}

/** The address of the page that shows this. */
export function addressOf({ project, environment, wholeLog }: ViewedPlace): string {
  const log: Record<string, string> = wholeLog ? { log: 'all' } : {};
  return `/?${new URLSearchParams({ project, environment, ...log }).toString()}`;
}
