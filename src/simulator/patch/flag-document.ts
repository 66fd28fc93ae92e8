import type { Json } from '../../json/json.js';
import { isObject, type JsonObject } from '../../json/object.js';
import { invalid } from '../api/errors.js';
import { representFlag } from '../api/represent-flag.js';
import type { Flag, FlagConfig, Project } from '../world/model.js';
import { CONFIG_FIELDS, FLAG_FIELDS, type PatchedFlag } from './flag-fields.js';
import { changedFields } from './changed-fields.js';
import { refersBeyond } from './read-variations.js';

/** A flag after a JSON Patch, which is not saved yet. */
export interface FlagChanges {
  /** A copy of the flag with the changes. */
  readonly flag: Flag;
  /** Names of the changed fields of the flag itself. */
  readonly fields: readonly string[];
  /** Names of the changed fields by environment key; environments without changes are absent. */
  readonly configs: ReadonlyMap<string, readonly string[]>;
  /** The actions that a role needs for the changes. */
  readonly actions: readonly string[];
}

/**
 * The document that a JSON Patch of a flag changes: the flag as the API shows it. Optional fields without a value are
 * null, so that an operation can replace them. `version` is the name of `_version` in LaunchDarkly's examples.
 */
export function flagDocument(project: Project, flag: Flag): Json {
  const environments = [...project.environments.keys()];
  const shown: { readonly environments: Readonly<Record<string, Record<string, Json>>> } = JSON.parse(
    JSON.stringify(representFlag(project, flag, { environments, detailed: true })),
  );
  return {
    maintainerId: null,
    maintainerTeamKey: null,
    version: flag.version,
    ...shown,
    environments: Object.fromEntries(
      Object.entries(shown.environments).map(([key, config]) => [key, { offVariation: null, ...config }]),
    ),
  };
}

/**
 * Compares a flag's document with the patched one.
 * @param now epoch milliseconds
 * @throws ErrorResponse 400 if a field changed that cannot be changed, or if the result is not a valid flag
 */
export function readFlagChanges(
  project: Project,
  original: Flag,
  before: Json,
  after: Json,
  now: number,
): FlagChanges {
  if (!isObject(after)) throw invalid('a flag must be an object');
  const flag = copyOf(original);
  const patched: PatchedFlag = { project, flag, now };
  const fields = changedNames(before, after).filter((name) => name !== 'environments');
  refuseUnknown(fields, FLAG_FIELDS, '');
  for (const [name, field] of Object.entries(FLAG_FIELDS)) {
    if (fields.includes(name)) field.apply(patched, after[name]);
  }
  const configs = readConfigs(patched, original, memberOf(before, 'environments'), after['environments']);
  checkReferences(flag);
  const actions = [
    ...fields.map((name) => FLAG_FIELDS[name]?.action),
    ...[...configs.values()].flat().map((name) => CONFIG_FIELDS[name]?.action),
  ].filter((action) => action !== undefined);
  return { flag, fields, configs, actions: [...new Set(actions)] };
}

/** Copies the changes to the flag itself. */
export function commitChanges({ flag: from, configs }: FlagChanges, flag: Flag): void {
  flag.name = from.name;
  flag.description = from.description;
  flag.tags = from.tags;
  flag.temporary = from.temporary;
  flag.defaults = from.defaults;
  flag.clientSide = from.clientSide;
  flag.customProperties = from.customProperties;
  flag.maintainerId = from.maintainerId;
  flag.maintainerTeamKey = from.maintainerTeamKey;
  flag.variations = from.variations;
  flag.state = from.state;
  flag.stateDate = from.stateDate;
  for (const environment of configs.keys()) {
    const config = from.configs.get(environment);
    if (config) flag.configs.set(environment, config);
  }
}

function readConfigs(
  patched: PatchedFlag,
  original: Flag,
  before: unknown,
  after: unknown,
): ReadonlyMap<string, readonly string[]> {
  if (!isObject(before) || !isObject(after)) throw invalid('environments must be an object');
  const changed = new Map<string, readonly string[]>();
  for (const environment of changedNames(before, after)) {
    const name = `environments/${environment}`;
    const config = patched.flag.configs.get(environment);
    const fields = after[environment];
    if (!config) throw invalid(`there is no environment ${JSON.stringify(environment)}`);
    if (!isObject(fields)) throw invalid(`${name} must be an object`);
    if (original.state === 'archived' && patched.flag.state === 'archived') {
      throw invalid('an archived flag cannot be changed');
    }
    const names = changedNames(before[environment], fields);
    refuseUnknown(names, CONFIG_FIELDS, `${name}/`);
    for (const one of names) CONFIG_FIELDS[one]?.apply({ ...patched, config }, fields, name);
    changed.set(environment, names);
  }
  return changed;
}

function copyOf(flag: Flag): Flag {
  return { ...flag, configs: new Map([...flag.configs].map(([key, config]) => [key, copyConfig(config)])) };
}

function copyConfig(config: FlagConfig): FlagConfig {
  return { ...config, targets: config.targets.clone(), expiring: config.expiring.clone() };
}

/** Checks that everything that refers to a variation refers to one that exists. */
function checkReferences({ variations, defaults, configs }: Flag): void {
  const count = variations.length;
  if (Math.max(defaults.onVariation, defaults.offVariation) >= count) {
    throw invalid('a default variation cannot be removed');
  }
  for (const [environment, config] of configs) {
    if (refersBeyond(config, count)) {
      throw invalid(`a variation that is used in ${JSON.stringify(environment)} cannot be removed`);
    }
  }
}

function refuseUnknown(names: readonly string[], known: object, where: string): void {
  const refused = names.find((name) => !Object.hasOwn(known, name));
  if (refused !== undefined) throw invalid(`${where}${refused} cannot be changed with a JSON patch`);
}

function changedNames(before: unknown, after: JsonObject): readonly string[] {
  return changedFields(isObject(before) ? before : {}, after);
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
