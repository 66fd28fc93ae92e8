import type { Json } from '../../json/json.js';
import { isObject, type JsonObject } from '../../json/object.js';
import { DEFAULT_FLAG_CONFIG, DEFAULT_ENVIRONMENT } from '../world/defaults.js';
import { ExpiringTargets } from '../world/expiring-targets.js';
import { objectId, uuid } from '../world/ids.js';
import type { Flag, FlagConfig, Project, ProjectEnvironment } from '../world/model.js';
import { Targets } from '../world/targets.js';
import { readFilled, readObject } from '../patch/read.js';
import { readSettingChanges, readSettings } from './environment-settings.js';
import { alreadyExists, ErrorResponse, invalid } from './errors.js';
import { jsonPatch } from './json-patch.js';
import { newKey } from './keys.js';
import { findEnvironment, findProject } from './lookup.js';
import { checkActions } from './permissions.js';
import { representEnvironment } from './represent-project.js';
import { pathParam, type Route, type RouteRequest, type RouteResponse } from './route.js';

type JsonMap = { readonly [key: string]: Json };

const PATH = '/api/v2/projects/{projectKey}/environments';

export const environmentRoutes: readonly Route[] = [
  { method: 'POST', path: PATH, action: 'createEnvironment', handle: createEnvironment },
  { method: 'PATCH', path: `${PATH}/{environmentKey}`, handle: patchEnvironment },
  {
    method: 'DELETE',
    path: `${PATH}/{environmentKey}`,
    action: 'deleteEnvironment',
    handle: deleteEnvironment,
  },
];

/** The actions that a role needs for the settings of an environment. */
const ACTIONS: Readonly<Record<string, string>> = {
  name: 'updateName',
  color: 'updateColor',
  defaultTtl: 'updateTtl',
  secureMode: 'updateSecureMode',
  defaultTrackEvents: 'updateDefaultTrackEvents',
  requireComments: 'updateRequireComments',
  confirmChanges: 'updateConfirmChanges',
  critical: 'updateCritical',
  tags: 'updateTags',
  requireApprovals: 'updateApprovalSettings',
};

/** In a new environment each flag is off and has its defaults, unless another environment is copied. */
async function createEnvironment(request: RouteRequest): Promise<RouteResponse> {
  const { world, token, body } = request;
  const find = (): Project => findProject(world, pathParam(request, 'projectKey'));
  find();
  checkActions(token, ['createEnvironment']);
  const { settings, key } = readEnvironment(body);
  return request.writer.run(() => {
    const project = find();
    if (project.environments.has(key)) throw alreadyExists('environment', key);
    const source = sourceIn(project, isObject(body) ? body['source'] : undefined);
    const environment = makeEnvironment(project.key, key, settings);
    const configOf = (flag: Flag): FlagConfig => {
      const original = source && flag.configs.get(source.key);
      return original
        ? { ...original, targets: original.targets.clone(), expiring: new ExpiringTargets(), version: 1 }
        : newConfig(flag, environment, request.now());
    };
    world.addEnvironment(project, environment, configOf, {
      actor: token,
      comment: undefined,
      actions: ['createEnvironment'],
      titleVerb: 'created',
      description: 'Created',
    });
    return { status: 201, body: representEnvironment(project, environment) };
  });
}

/**
 * Reads the environment in a request that creates one.
 * @throws ErrorResponse 400
 */
export function readEnvironment(body: unknown): {
  readonly key: string;
  readonly settings: ReturnType<typeof readSettings> & { readonly name: string };
} {
  const object: JsonObject = readObject(body, 'an environment');
  const key = newKey(object['key']);
  const name = readFilled(object['name'], 'name');
  readFilled(object['color'], 'color');
  return { key, settings: { ...readSettings(object), name } };
}

/** An environment that is not part of its project yet. Its SDK key is the same whenever it is created again. */
export function makeEnvironment(
  project: string,
  key: string,
  settings: ReturnType<typeof readEnvironment>['settings'],
): ProjectEnvironment {
  return {
    ...DEFAULT_ENVIRONMENT,
    ...settings,
    id: objectId('environment', project, key),
    key,
    sdkKey: `sdk-${uuid('sdk', project, key)}`,
  };
}

/** @param now epoch milliseconds */
function newConfig(flag: Flag, { defaultTrackEvents }: ProjectEnvironment, now: number): FlagConfig {
  return {
    ...DEFAULT_FLAG_CONFIG,
    on: false,
    fallthrough: { variation: flag.defaults.onVariation },
    offVariation: flag.defaults.offVariation,
    prerequisites: [],
    trackEvents: defaultTrackEvents,
    targets: new Targets(),
    expiring: new ExpiringTargets(),
    version: 1,
    lastModified: now,
  };
}

function sourceIn(project: Project, source: unknown): ProjectEnvironment | undefined {
  if (source === undefined) return undefined;
  const { key, version } = readObject(source, 'source');
  if (version !== undefined) throw invalid('source/version is not simulated');
  const found = project.environments.get(readFilled(key, 'source/key'));
  if (!found) throw invalid(`the project has no environment ${JSON.stringify(key)} to copy`);
  return found;
}

async function patchEnvironment(request: RouteRequest): Promise<RouteResponse> {
  const { world, token } = request;
  const find = (): { project: Project; environment: ProjectEnvironment } => {
    const project = findProject(world, pathParam(request, 'projectKey'));
    return { project, environment: findEnvironment(project, pathParam(request, 'environmentKey')) };
  };
  find();
  const { comment, apply } = jsonPatch(request);
  return request.writer.run(() => {
    const { project, environment } = find();
    const before = environmentDocument(project, environment);
    const after = readObject(apply(before), 'an environment');
    const changes = readSettingChanges(before, after);
    const fields = Object.keys(changes);
    const actions = fields.flatMap((name) => ACTIONS[name] ?? []);
    checkActions(token, actions);
    Object.assign(environment, changes);
    if (fields.length > 0) {
      const description = `Changed ${fields.join(', ')}`;
      const action = { actor: token, comment, actions, titleVerb: 'updated', description };
      world.changedEnvironment(project, environment, action);
    }
    return { status: 200, body: representEnvironment(project, environment) };
  });
}

/** The document that a patch changes: the environment as the API shows it, with the setting that is optional there. */
function environmentDocument(project: Project, environment: ProjectEnvironment): JsonMap {
  const shown: JsonMap & { readonly approvalSettings: JsonMap } = JSON.parse(
    JSON.stringify(representEnvironment(project, environment)),
  );
  return {
    ...shown,
    approvalSettings: { ...shown.approvalSettings, autoApplyApprovedChanges: false },
  };
}

async function deleteEnvironment(request: RouteRequest): Promise<RouteResponse> {
  const { world, token } = request;
  const find = (): { project: Project; environment: ProjectEnvironment } => {
    const project = findProject(world, pathParam(request, 'projectKey'));
    return { project, environment: findEnvironment(project, pathParam(request, 'environmentKey')) };
  };
  find();
  checkActions(token, ['deleteEnvironment']);
  await request.writer.run(() => {
    const { project, environment } = find();
    if (project.environments.size === 1) {
      throw new ErrorResponse(403, 'The last environment of a project cannot be deleted');
    }
    world.removeEnvironment(project, environment, {
      actor: token,
      comment: undefined,
      actions: ['deleteEnvironment'],
      titleVerb: 'deleted',
      description: 'Deleted',
    });
  });
  return { status: 204 };
}
