import type { Flag, Project, ProjectEnvironment } from '../world/model.js';
import { findEnvironment, findFlag, findProject } from './lookup.js';
import { pathParam, type RouteRequest } from './route.js';

/** A flag in one environment, as a path names it. */
export interface FlagPlace {
  readonly project: Project;
  readonly environment: ProjectEnvironment;
  readonly flag: Flag;
}

/** @throws ErrorResponse 404 if the path names an unknown project, environment or flag */
export function flagPlace(request: RouteRequest): FlagPlace {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  const environment = findEnvironment(project, pathParam(request, 'environmentKey'));
  return { project, environment, flag: findFlag(project, pathParam(request, 'featureFlagKey')) };
}
