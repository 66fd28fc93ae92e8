import { invalid } from '../api/errors.js';
import type { CustomProperty, Flag, FlagConfig, Prerequisite, Project } from '../world/model.js';
import { archive, deprecate, restore, restoreDeprecated } from './lifecycle.js';
import {
  readBoolean,
  readFilled,
  readList,
  readObject,
  readString,
  readStrings,
  readVariation,
  refuseOthers,
} from './read.js';
import { readRules, readServe } from './read-rules.js';
import { readTargets } from './read-targets.js';
import { readVariations } from './read-variations.js';

/** The flag that a patch changes: a copy. */
export interface PatchedFlag {
  readonly project: Project;
  readonly flag: Flag;
  /** Epoch milliseconds. */
  readonly now: number;
}

/** A field of a flag that a JSON Patch can change. */
export interface FlagField {
  /** The action that a role needs for it. */
  readonly action: string;
  /** Changes the flag. Throws an ErrorResponse if the value is invalid. */
  readonly apply: (patched: PatchedFlag, value: unknown) => void;
}

/** A field of a flag in one environment that a JSON Patch can change. */
export interface ConfigField {
  readonly action: string;
  /**
   * @param all the fields of the patched document in this environment
   * @param name of the environment in the document, for errors
   */
  readonly apply: (
    patched: PatchedFlag & { readonly config: FlagConfig },
    all: Readonly<Record<string, unknown>>,
    name: string,
  ) => void;
}

/** By name, in the order in which they are applied. */
export const FLAG_FIELDS: Readonly<Record<string, FlagField>> = {
  name: {
    action: 'updateName',
    apply: ({ flag }, value) => {
      flag.name = readFilled(value, 'name');
    },
  },
  description: {
    action: 'updateDescription',
    apply: ({ flag }, value) => {
      flag.description = readString(value, 'description');
    },
  },
  tags: {
    action: 'updateTags',
    apply: ({ flag }, value) => {
      flag.tags = [...new Set(readStrings(value, 'tags'))];
    },
  },
  temporary: {
    action: 'updateTemporary',
    apply: ({ flag }, value) => {
      flag.temporary = readBoolean(value, 'temporary');
    },
  },
  includeInSnippet: {
    action: 'updateIncludeInSnippet',
    apply: ({ flag }, value) => {
      flag.clientSide = {
        ...flag.clientSide,
        usingEnvironmentId: readBoolean(value, 'includeInSnippet'),
      };
    },
  },
  clientSideAvailability: {
    action: 'updateClientSideFlagAvailability',
    apply: ({ flag }, value) => {
      flag.clientSide = readClientSide(value, 'clientSideAvailability');
    },
  },
  customProperties: {
    action: 'updateFlagCustomProperties',
    apply: ({ flag }, value) => {
      flag.customProperties = readCustomProperties(value);
    },
  },
  maintainerId: {
    action: 'updateMaintainer',
    apply: ({ flag }, value) => {
      flag.maintainerId = readOptional(value, 'maintainerId');
    },
  },
  maintainerTeamKey: {
    action: 'updateMaintainer',
    apply: ({ flag }, value) => {
      flag.maintainerTeamKey = readOptional(value, 'maintainerTeamKey');
    },
  },
  variations: {
    action: 'updateFlagVariations',
    apply: ({ project, flag }, value) => {
      flag.variations = readVariations(project, flag, value);
    },
  },
  defaults: {
    action: 'updateFlagDefaultVariations',
    apply: ({ flag }, value) => {
      const count = flag.variations.length;
      const defaults = readObject(value, 'defaults');
      flag.defaults = {
        onVariation: readVariation(defaults['onVariation'], 'defaults/onVariation', count),
        offVariation: readVariation(defaults['offVariation'], 'defaults/offVariation', count),
      };
    },
  },
  archived: {
    action: 'updateGlobalArchived',
    apply: (patched, value) => {
      const draft = { ...patched, config: undefined };
      if (readBoolean(value, 'archived')) archive(draft);
      else restore(draft);
    },
  },
  deprecated: {
    action: 'updateDeprecated',
    apply: (patched, value) => {
      const draft = { ...patched, config: undefined };
      if (readBoolean(value, 'deprecated')) deprecate(draft);
      else restoreDeprecated(draft);
    },
  },
};

const TARGETS: ConfigField = {
  action: 'updateTargets',
  apply: ({ project, flag, config }, { targets, contextTargets }, name) => {
    const count = flag.variations.length;
    const read = readTargets({ targets, contextTargets }, name, count, project.contextKinds);
    config.targets = read.insteadOf(config.targets);
  },
};

/** By name. */
export const CONFIG_FIELDS: Readonly<Record<string, ConfigField>> = {
  on: {
    action: 'updateOn',
    apply: ({ config }, { on }, name) => {
      config.on = readBoolean(on, `${name}/on`);
    },
  },
  targets: TARGETS,
  contextTargets: TARGETS,
  rules: {
    action: 'updateRules',
    apply: ({ flag, config }, { rules }, name) => {
      config.rules = readRules(rules, `${name}/rules`, flag.variations.length);
    },
  },
  fallthrough: {
    action: 'updateFallthrough',
    apply: ({ flag, config }, { fallthrough }, name) => {
      config.fallthrough = readServe(fallthrough, `${name}/fallthrough`, flag.variations.length);
    },
  },
  offVariation: {
    action: 'updateOffVariation',
    apply: ({ flag, config }, { offVariation }, name) => {
      config.offVariation = isAbsent(offVariation)
        ? null
        : readVariation(offVariation, `${name}/offVariation`, flag.variations.length);
    },
  },
  prerequisites: {
    action: 'updatePrerequisites',
    apply: ({ project, flag, config }, { prerequisites }, name) => {
      config.prerequisites = readList(prerequisites, `${name}/prerequisites`, (item, path) =>
        readPrerequisite(project, flag, item, path),
      );
    },
  },
  trackEvents: {
    action: 'updateTrackEvents',
    apply: ({ config }, { trackEvents }, name) => {
      config.trackEvents = readBoolean(trackEvents, `${name}/trackEvents`);
    },
  },
};

export function readClientSide(value: unknown, name: string): Flag['clientSide'] {
  const object = readObject(value, name);
  refuseOthers(object, ['usingMobileKey', 'usingEnvironmentId'], name);
  return {
    usingMobileKey: readBoolean(object['usingMobileKey'], `${name}/usingMobileKey`),
    usingEnvironmentId: readBoolean(object['usingEnvironmentId'], `${name}/usingEnvironmentId`),
  };
}

export function readCustomProperties(value: unknown): Readonly<Record<string, CustomProperty>> {
  const entries = Object.entries(readObject(value, 'customProperties'));
  return Object.fromEntries(
    entries.map(([key, property]) => {
      const name = `customProperties/${key}`;
      const object = readObject(property, name);
      return [
        key,
        {
          name: readString(object['name'], `${name}/name`),
          value: readStrings(object['value'], `${name}/value`),
        },
      ];
    }),
  );
}

/** Null and the empty string are no value. */
export function readOptional(value: unknown, name: string): string | undefined {
  return isAbsent(value) || value === '' ? undefined : readString(value, name);
}

function readPrerequisite(project: Project, flag: Flag, value: unknown, name: string): Prerequisite {
  const object = readObject(value, name);
  refuseOthers(object, ['key', 'variation'], name);
  const key = readFilled(object['key'], `${name}/key`);
  const found = project.flags.get(key);
  if (!found) throw invalid(`${name}/key: the project has no flag ${JSON.stringify(key)}`);
  if (key === flag.key) throw invalid(`${name}/key: a flag cannot be its own prerequisite`);
  return { key, variation: readVariation(object['variation'], `${name}/variation`, found.variations.length) };
}

function isAbsent(value: unknown): value is null | undefined {
  return value === undefined || value === null;
}
