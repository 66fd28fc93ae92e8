import { changedFields } from '../patch/changed-fields.js';
import { readClientSide } from '../patch/flag-fields.js';
import { readBoolean, readFilled, readList, readObject, readStrings } from '../patch/read.js';
import { DEFAULT_PROJECT } from '../world/defaults.js';
import { objectId } from '../world/ids.js';
import type { ClientSide, Project } from '../world/model.js';
import { alreadyExists, invalid } from './errors.js';
import { jsonPatch } from './json-patch.js';
import { newKey } from './keys.js';
import { findProject } from './lookup.js';
import { checkActions } from './permissions.js';
import { changedProject, projectFields } from './represent-project.js';
import { pathParam, type Route, type RouteRequest, type RouteResponse } from './route.js';
import { makeEnvironment, readEnvironment } from './write-environments.js';

export const projectWriteRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v2/projects', action: 'createProject', handle: createProject },
  { method: 'PATCH', path: '/api/v2/projects/{projectKey}', handle: patchProject },
  {
    method: 'DELETE',
    path: '/api/v2/projects/{projectKey}',
    action: 'deleteProject',
    handle: deleteProject,
  },
];

/** The environments of a project that is created without any. */
const DEFAULT_ENVIRONMENTS = [
  { key: 'test', name: 'Test', color: 'F5A623' },
  { key: 'production', name: 'Production', color: '417505' },
];

async function createProject(request: RouteRequest): Promise<RouteResponse> {
  const { world, token } = request;
  checkActions(token, ['createProject']);
  const body = readObject(request.body, 'the body');
  if (body['namingConvention'] !== undefined) throw invalid('namingConvention is not simulated');
  const key = newKey(body['key']);
  const name = readFilled(body['name'], 'name');
  const tags = readStrings(body['tags'] ?? [], 'tags');
  const clientSide = clientSideOf(body);
  const environments = readList(body['environments'] ?? [], 'environments', (one) => readEnvironment(one));
  if (new Set(environments.map((one) => one.key)).size < environments.length) {
    throw invalid('the keys of environments must be unique');
  }
  const initial =
    environments.length > 0 ? environments : DEFAULT_ENVIRONMENTS.map((one) => readEnvironment(one));
  return request.writer.run(() => {
    if (world.projects.has(key)) throw alreadyExists('project', key);
    const made = initial.map((one) => makeEnvironment(key, one.key, one.settings));
    const project: Project = {
      ...DEFAULT_PROJECT,
      id: objectId('project', key),
      key,
      name,
      tags,
      clientSide,
      creationDate: request.now(),
      contextKinds: new Set(['user']),
      environments: new Map(made.map((environment) => [environment.key, environment])),
      flags: new Map(),
      revision: 1,
    };
    world.addProject(project, {
      actor: token,
      comment: undefined,
      actions: ['createProject'],
      titleVerb: 'created',
      description: 'Created',
    });
    return { status: 201, body: changedProject(project) };
  });
}

function clientSideOf(body: Readonly<Record<string, unknown>>): ClientSide {
  const { defaultClientSideAvailability: both, includeInSnippetByDefault: snippet } = body;
  if (both !== undefined) return readClientSide(both, 'defaultClientSideAvailability');
  if (snippet === undefined) return DEFAULT_PROJECT.clientSide;
  return {
    ...DEFAULT_PROJECT.clientSide,
    usingEnvironmentId: readBoolean(snippet, 'includeInSnippetByDefault'),
  };
}

/** The fields that a patch can change, each with its action, in the order in which they are applied. */
const FIELDS: Readonly<
  Record<string, { readonly action: string; readonly apply: (project: Project, value: unknown) => void }>
> = {
  name: {
    action: 'updateProjectName',
    apply: (project, value) => {
      project.name = readFilled(value, 'name');
    },
  },
  tags: {
    action: 'updateTags',
    apply: (project, value) => {
      project.tags = readStrings(value ?? [], 'tags');
    },
  },
  includeInSnippetByDefault: {
    action: 'updateIncludeInSnippetByDefault',
    apply: (project, value) => {
      const usingEnvironmentId = readBoolean(value, 'includeInSnippetByDefault');
      project.clientSide = { ...project.clientSide, usingEnvironmentId };
    },
  },
  defaultClientSideAvailability: {
    action: 'updateDefaultClientSideAvailability',
    apply: (project, value) => {
      project.clientSide = readClientSide(value, 'defaultClientSideAvailability');
    },
  },
};

async function patchProject(request: RouteRequest): Promise<RouteResponse> {
  const { world, token } = request;
  const find = (): Project => findProject(world, pathParam(request, 'projectKey'));
  find();
  const { comment, apply } = jsonPatch(request);
  return request.writer.run(() => {
    const project = find();
    const before = JSON.parse(JSON.stringify(projectFields(project)));
    const after = readObject(apply(before), 'a project');
    const names = changedFields(before, after);
    const refused = names.find((name) => !Object.hasOwn(FIELDS, name));
    if (refused !== undefined) throw invalid(`${refused} cannot be changed with a JSON patch`);
    const actions = names.flatMap((name) => FIELDS[name]?.action ?? []);
    checkActions(token, actions);
    const draft = { ...project };
    for (const [name, field] of Object.entries(FIELDS)) {
      if (names.includes(name)) field.apply(draft, after[name]);
    }
    Object.assign(project, { name: draft.name, tags: draft.tags, clientSide: draft.clientSide });
    if (names.length > 0) {
      const description = `Changed ${names.join(', ')}`;
      world.changedProject(project, { actor: token, comment, actions, titleVerb: 'updated', description });
    }
    return { status: 200, body: changedProject(project) };
  });
}

async function deleteProject(request: RouteRequest): Promise<RouteResponse> {
  const { world, token } = request;
  const find = (): Project => findProject(world, pathParam(request, 'projectKey'));
  find();
  checkActions(token, ['deleteProject']);
  await request.writer.run(() => {
    const project = find();
    if (world.projects.size === 1) throw invalid('the last project of an account cannot be deleted');
    world.removeProject(project, {
      actor: token,
      comment: undefined,
      actions: ['deleteProject'],
      titleVerb: 'deleted',
      description: 'Deleted',
    });
  });
  return { status: 204 };
}
