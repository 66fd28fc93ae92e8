import type { Json } from '../../json/json.js';
import { isObject, type JsonObject } from '../../json/object.js';
import type { SeedFlag, SeedVariation } from '../seed/seed.js';
import { ExpiringTargets } from '../world/expiring-targets.js';
import { flagFromSeed } from '../world/from-seed.js';
import { readClientSide, readCustomProperties, readOptional } from '../patch/flag-fields.js';
import { readBoolean } from '../patch/read.js';
import type { Flag, Project } from '../world/model.js';
import { alreadyExists, invalid } from './errors.js';
import { newKey } from './keys.js';
import { findFlag, findProject } from './lookup.js';
import { optionalString } from './optional-string.js';
import { checkActions } from './permissions.js';
import { representFlag } from './represent-flag.js';
import { pathParam, type RouteResponse, type RouteRequest, type Route } from './route.js';

export const createRoutes: readonly Route[] = [
  { method: 'POST', path: '/api/v2/flags/{projectKey}', action: 'createFlag', handle: createFlag },
];

/** Fields of the API document that are not simulated. They are refused, since ignoring them would mislead a client. */
const NOT_SIMULATED = ['purpose', 'migrationSettings', 'initialPrerequisites'];

/** A new flag is off in every environment unless `isFlagOn` is true. */
function createFlag(request: RouteRequest): RouteResponse {
  const project = findProject(request.world, pathParam(request, 'projectKey'));
  checkActions(request.token, ['createFlag']);
  const { body } = request;
  if (!isObject(body)) throw invalid('the body must be a JSON object');
  const key = newKey(body['key']);
  const { name } = body;
  if (typeof name !== 'string' || name === '') throw invalid('name must be a non-empty string');
  const refused = NOT_SIMULATED.find((field) => body[field] !== undefined);
  if (refused !== undefined) throw invalid(`${refused} is not simulated`);
  if (project.flags.has(key)) throw alreadyExists('flag', key);
  const environments = [...project.environments.keys()];
  const original = request.query.get('clone');
  const flag = flagFromSeed(project.key, key, seedOf(body, name, environments), environments, request.now());
  keepSettings(body, project, flag);
  for (const [environment, config] of flag.configs) {
    config.trackEvents = project.environments.get(environment)?.defaultTrackEvents ?? false;
  }
  if (original !== null) copyConfigs(findFlag(project, original), flag);
  request.world.addFlag(project, flag, {
    actor: request.token,
    comment: undefined,
    actions: ['createFlag'],
    titleVerb: 'created',
    description: 'Created',
  });
  return { status: 201, body: representFlag(project, flag, { environments, detailed: true }) };
}

function seedOf(body: JsonObject, name: string, environments: readonly string[]): SeedFlag {
  const description = optionalString(body, 'description');
  const variations = body['variations'] === undefined ? undefined : variationList(body['variations']);
  const defaults =
    body['defaults'] === undefined ? undefined : indexes(body['defaults'], variations?.length ?? 2);
  const on = body['isFlagOn'] === true;
  return {
    name,
    temporary: body['temporary'] !== false,
    tags: tagList(body['tags']),
    ...(description === undefined ? {} : { description }),
    ...(variations ? { variations } : {}),
    ...(defaults ? { defaults } : {}),
    environments: Object.fromEntries(environments.map((environment) => [environment, { on }])),
  };
}

/** Sets the fields of a new flag that a seed cannot have. */
function keepSettings(body: JsonObject, { clientSide }: Project, flag: Flag): void {
  const { clientSideAvailability, includeInSnippet, customProperties } = body;
  flag.clientSide = clientSide;
  if (includeInSnippet !== undefined) {
    const usingEnvironmentId = readBoolean(includeInSnippet, 'includeInSnippet');
    flag.clientSide = { ...clientSide, usingEnvironmentId };
  }
  if (clientSideAvailability !== undefined) {
    flag.clientSide = readClientSide(clientSideAvailability, 'clientSideAvailability');
  }
  if (customProperties !== undefined) flag.customProperties = readCustomProperties(customProperties);
  flag.maintainerId = readOptional(body['maintainerId'], 'maintainerId');
  flag.maintainerTeamKey = readOptional(body['maintainerTeamKey'], 'maintainerTeamKey');
}

function variationList(value: unknown): readonly SeedVariation[] {
  if (!Array.isArray(value) || value.length < 2) throw invalid('variations must be a list of at least two');
  return value.map((variation: unknown) => {
    if (!isObject(variation) || !('value' in variation)) throw invalid('each variation must have a value');
    const name = optionalString(variation, 'name');
    const description = optionalString(variation, 'description');
    const json: Json = JSON.parse(JSON.stringify(variation['value']));
    return {
      value: json,
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
    };
  });
}

function indexes(value: unknown, count: number): { onVariation: number; offVariation: number } {
  const index = (name: string): number => {
    const found = isObject(value) ? value[name] : undefined;
    if (typeof found !== 'number' || !Number.isInteger(found) || found < 0 || found >= count) {
      throw invalid(`defaults.${name} must be the index of a variation`);
    }
    return found;
  };
  return { onVariation: index('onVariation'), offVariation: index('offVariation') };
}

function tagList(value: unknown): readonly string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) throw invalid('tags must be a list');
  return value.map((tag: unknown) => {
    if (typeof tag !== 'string') throw invalid('each tag must be a string');
    return tag;
  });
}

/** Copies the targeting of a flag in every environment, and its variations too if their number differs. */
function copyConfigs(from: Flag, to: Flag): void {
  if (from.variations.length !== to.variations.length) to.variations = from.variations;
  for (const [environment, config] of from.configs) {
    to.configs.set(environment, {
      ...config,
      targets: config.targets.clone(),
      expiring: new ExpiringTargets(),
      version: 1,
      lastModified: to.creationDate,
    });
  }
}
