import type { JsonObject } from '../../json/object.js';
import { changedFields } from '../patch/changed-fields.js';
import { readBoolean, readFilled, readObject, readStrings, readWhole } from '../patch/read.js';
import type { EnvironmentSettings } from '../world/model.js';
import { invalid } from './errors.js';

type Readers = {
  readonly [K in keyof EnvironmentSettings]: (value: unknown, name: string) => EnvironmentSettings[K];
};

/** The settings of an environment that a request can set, by their names in the API. */
const READERS: Omit<Readers, 'requireApprovals'> = {
  name: readFilled,
  color: readColor,
  defaultTtl: readWhole,
  secureMode: readBoolean,
  defaultTrackEvents: readBoolean,
  requireComments: readBoolean,
  confirmChanges: readBoolean,
  critical: readBoolean,
  tags: readStrings,
};

/**
 * Reads the settings of an environment that are present in an object.
 * @throws ErrorResponse 400
 */
export function readSettings(object: JsonObject): Partial<EnvironmentSettings> {
  return Object.fromEntries(
    Object.entries(READERS).flatMap(([name, read]) =>
      object[name] === undefined ? [] : [[name, read(object[name], name)]],
    ),
  );
}

/**
 * Reads the changes that a patch made to the representation of an environment.
 * @throws ErrorResponse 400
 */
export function readSettingChanges(before: JsonObject, after: JsonObject): Partial<EnvironmentSettings> {
  const names = changedFields(before, after);
  const approvals = approvalsOf(after);
  const other = names.find((name) => !Object.hasOwn(READERS, name) && name !== 'approvalSettings');
  if (other !== undefined) throw invalid(`${other} cannot be changed with a JSON patch`);
  const changed = Object.fromEntries(
    names.map((name) => [name, after[name] ?? (name === 'tags' ? [] : null)]),
  );
  const approvalNames = changedFields(approvalsOf(before), approvals);
  const unsupported = approvalNames.find((name) => name !== 'required');
  if (unsupported !== undefined) throw invalid(`approvalSettings/${unsupported} is not simulated`);
  return {
    ...readSettings(changed),
    ...(approvalNames.length === 0
      ? {}
      : { requireApprovals: readBoolean(approvals['required'], 'approvalSettings/required') }),
  };
}

/** The approval settings of an environment. A setting that is null or absent has its default. */
function approvalsOf(environment: JsonObject): JsonObject {
  const settings = readObject(environment['approvalSettings'], 'approvalSettings');
  const defaults: JsonObject = {
    required: false,
    requiredApprovalTags: [],
    serviceConfig: {},
    autoApplyApprovedChanges: false,
  };
  const present = Object.entries(settings).filter(([, value]) => value !== null);
  return { ...defaults, ...Object.fromEntries(present) };
}

function readColor(value: unknown, name: string): string {
  if (typeof value === 'string' && /^#?[0-9A-Fa-f]{6}$/.test(value)) return value.replace('#', '');
  throw invalid(`${name} must be six hexadecimal digits`);
}
