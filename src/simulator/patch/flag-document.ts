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
    variations: flag.variations.map(({ id, value, name = null, description = null }) => ({
      _id: id,
      value,
      name,
      description,
    })),
    environments: Object.fromEntries(
      Object.entries(shown.environments).map(([key, config]) => [key, { offVariation: null, ...config }]),
    ),
  };
}

/** The values that null sets in fields that always have one. */
const CLEARED: Readonly<Record<string, Json>> = {
  description: '',
  tags: [],
  customProperties: {},
  rules: [],
  prerequisites: [],
  targets: [],
  contextTargets: [],
};

function cleared(object: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      value === null && Object.hasOwn(CLEARED, name) ? CLEARED[name] : value,
    ]),
  );
}

/**
 * Reads the changes that a patch made to the document of a flag. A value that is written in another way is no change.
 * @param now epoch milliseconds
 * @throws ErrorResponse 400 if a field changed that cannot be changed, or if the result is not a valid flag
 */
export function readFlagChanges(
  project: Project,
  original: Flag,
  before: Json,
  patchedDocument: Json,
  now: number,
): FlagChanges {
  if (!isObject(patchedDocument)) throw invalid('a flag must be an object');
  const after = cleared(patchedDocument);
  const flag = copyOf(original);
  const patched: PatchedFlag = { project, flag, now };
  const written = changedNames(before, after).filter((name) => name !== 'environments');
  refuseUnknown(written, FLAG_FIELDS, '');
  for (const [name, field] of Object.entries(FLAG_FIELDS)) {
    if (written.includes(name)) field.apply(patched, after[name]);
  }
  const environments = memberOf(before, 'environments');
  const inEnvironments = readConfigs(patched, original, environments, after['environments']);
  checkReferences(flag);
  const result = flagDocument(project, flag);
  const fields = onlyChanged(written, before, result);
  const configs = new Map(
    [...inEnvironments]
      .map(([key, names]): [string, readonly string[]] => [
        key,
        onlyChanged(names, memberOf(environments, key), memberOf(memberOf(result, 'environments'), key)),
      ])
      .filter(([, names]) => names.length > 0),
  );
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
    const given = memberOf(after, environment);
    if (!config) throw invalid(`there is no environment ${JSON.stringify(environment)}`);
    if (!isObject(given)) throw invalid(`${name} must be an object`);
    const fields = cleared(given);
    if (original.state === 'archived' && patched.flag.state === 'archived') {
      throw invalid('an archived flag cannot be changed');
    }
    const names = changedNames(memberOf(before, environment), fields);
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

/** Those of the names in which two objects differ. */
function onlyChanged(names: readonly string[], before: unknown, after: unknown): readonly string[] {
  const changed = isObject(after) ? changedNames(before, after) : [];
  return names.filter((name) => changed.includes(name));
}

function changedNames(before: unknown, after: JsonObject): readonly string[] {
  return changedFields(isObject(before) ? before : {}, after);
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}
