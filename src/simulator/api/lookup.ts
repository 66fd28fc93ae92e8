import type { ProjectEnvironment, Flag, FlagConfig, Project } from '../world/model.js';
import type { World } from '../world/world.js';
import { notFound } from './errors.js';

export function findProject(world: World, key: string): Project {
  const project = world.projects.get(key);
  if (!project) throw notFound('project', key);
  return project;
}

export function findEnvironment(project: Project, key: string): ProjectEnvironment {
  const environment = project.environments.get(key);
  if (!environment) throw notFound('environment', key);
  return environment;
}

export function findFlag(project: Project, key: string): Flag {
  const flag = project.flags.get(key);
  if (!flag) throw notFound('flag', key);
  return flag;
}

/**
 * Checks that a flag still exists when a write ends: meanwhile it, its project or its environment can be deleted.
 * @param environment undefined for a write in all environments
 * @throws ErrorResponse 404
 */
export function checkExists(world: World, project: Project, flag: Flag, environment?: string): void {
  if (world.projects.get(project.key) !== project) throw notFound('project', project.key);
  if (project.flags.get(flag.key) !== flag) throw notFound('flag', flag.key);
  if (environment !== undefined) findEnvironment(project, environment);
}

export function findConfig(flag: Flag, environment: ProjectEnvironment): FlagConfig {
  const config = flag.configs.get(environment.key);
  if (!config) throw new TypeError(`flag ${flag.key} has no environment ${environment.key}`);
  return config;
}
