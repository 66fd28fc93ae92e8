import type { Project } from '../world/model.js';
import { invalid } from './errors.js';
import { apiPath, link, pageLinks } from './links.js';
import { findEnvironment, findProject } from './lookup.js';
import { projectFields, representEnvironment } from './represent-project.js';
import { filterParam, pageParams, sorter } from './query.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';

export const projectRoutes: readonly Route[] = [
  { method: 'GET', path: '/api/v2/projects', handle: listProjects },
  { method: 'GET', path: '/api/v2/projects/{projectKey}', handle: getProject },
  { method: 'GET', path: '/api/v2/projects/{projectKey}/environments', handle: listEnvironments },
  {
    method: 'GET',
    path: '/api/v2/projects/{projectKey}/environments/{environmentKey}',
    handle: getEnvironment,
  },
  { method: 'GET', path: '/api/v2/projects/{projectKey}/context-kinds', handle: listContextKinds },
];

function listProjects(request: RouteRequest): RouteResponse {
  const { query } = request;
  const found = select([...request.world.projects.values()], query, {
    name: (project) => project.name,
    createdOn: (project) => project.creationDate,
  });
  return {
    status: 200,
    body: {
      items: found.items.map((project) => representProject(project, query)),
      _links: pageLinks(apiPath('projects'), query, found),
      totalCount: found.total,
    },
  };
}

function getProject(request: RouteRequest): RouteResponse {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  return { status: 200, body: representProject(project, request.query) };
}

function listEnvironments(request: RouteRequest): RouteResponse {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  return { status: 200, body: environmentPage(project, request.query) };
}

function getEnvironment(request: RouteRequest): RouteResponse {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  const environment = findEnvironment(project, pathParam(request, 'environmentKey'));
  return { status: 200, body: representEnvironment(project, environment) };
}

function listContextKinds(request: RouteRequest): RouteResponse {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  return {
    status: 200,
    body: {
      items: [...project.contextKinds].map((key) => ({
        key,
        name: key,
        description: '',
        version: 1,
        creationDate: project.creationDate,
        lastModified: project.creationDate,
        createdFrom: key === 'user' ? 'default' : 'manual',
        hideInTargeting: false,
        archived: false,
      })),
      _links: { self: link('projects', project.key, 'context-kinds') },
    },
  };
}

function representProject(project: Project, query: URLSearchParams): object {
  const expanded = (query.get('expand') ?? '').split(',').includes('environments');
  return {
    ...projectFields(project),
    ...(expanded ? { environments: environmentPage(project, new URLSearchParams()) } : {}),
  };
}

function environmentPage(project: Project, query: URLSearchParams): object {
  const found = select([...project.environments.values()], query, {
    name: (environment) => environment.name,
    createdOn: () => 0,
    critical: () => 0,
  });
  return {
    _links: pageLinks(apiPath('projects', project.key, 'environments'), query, found),
    totalCount: found.total,
    items: found.items.map((environment) => representEnvironment(project, environment)),
  };
}

/** Filters, sorts and pages a list. */
function select<T extends { readonly key: string; readonly name: string }>(
  all: readonly T[],
  query: URLSearchParams,
  fields: Readonly<Record<string, (item: T) => string | number>>,
): { readonly items: readonly T[]; readonly limit: number; readonly offset: number; readonly total: number } {
  let found: readonly T[] = all;
  for (const [field, value] of filterParam(query)) {
    if (field === 'query') {
      const text = value.toLowerCase();
      found = found.filter(({ key, name }) => [key, name].some((word) => word.toLowerCase().includes(text)));
    } else if (field === 'keys') {
      found = found.filter(({ key }) => value.split('|').includes(key));
    } else {
      throw invalid(`the filter ${JSON.stringify(field)} is not simulated`);
    }
  }
  const { limit, offset } = pageParams(query);
  const sorted = found.toSorted(sorter<T>(query, fields, 'createdOn'));
  return { items: sorted.slice(offset, offset + limit), limit, offset, total: sorted.length };
}
