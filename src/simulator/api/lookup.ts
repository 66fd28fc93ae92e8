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

export function findConfig(flag: Flag, environment: ProjectEnvironment): FlagConfig {
  const config = flag.configs.get(environment.key);
  if (!config) throw new TypeError(`flag ${flag.key} has no environment ${environment.key}`);
  return config;
}
