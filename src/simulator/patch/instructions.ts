import { invalid } from '../api/errors.js';
import type { FlagConfig } from '../world/model.js';
import type { Targets } from '../world/targets.js';
import type { FlagDraft } from './draft.js';
import { contextKeys, contextKind, targetList, variationIndex, type PatchInstruction } from './fields.js';
import { addVariation, archive, deprecate, restore, restoreDeprecated } from './lifecycle.js';

/** One kind of instruction. */
export interface InstructionKind {
  /** Whether it changes the flag in one environment; if not, in all of them. */
  readonly inEnvironment: boolean;
  /** The action that a role needs for it. */
  readonly action: string;
  /** The description in the audit log. */
  readonly description: string;
  /** Changes the draft. Throws an ErrorResponse if that is not possible. */
  readonly apply: (draft: FlagDraft, instruction: PatchInstruction) => void;
}

type ConfigChange = (config: FlagConfig, draft: FlagDraft, instruction: PatchInstruction) => void;

const inEnvironment = (action: string, description: string, change: ConfigChange): InstructionKind => ({
  inEnvironment: true,
  action,
  description,
  apply: (draft, instruction) => {
    if (draft.config) change(draft.config, draft, instruction);
  },
});

const targets = (description: string, change: ConfigChange): InstructionKind =>
  inEnvironment('updateTargets', description, change);

const inAllEnvironments = (
  action: string,
  description: string,
  apply: InstructionKind['apply'],
): InstructionKind => ({
  inEnvironment: false,
  action,
  description,
  apply,
});

const asUsers = (instruction: PatchInstruction): PatchInstruction => ({
  ...instruction,
  contextKind: 'user',
});

/** The instructions that change individual targets, variations or the state of a flag, by kind. */
export const INSTRUCTIONS: ReadonlyMap<string, InstructionKind> = new Map([
  ['turnFlagOn', inEnvironment('updateOn', 'Turned on', (config) => turn(config, true))],
  ['turnFlagOff', inEnvironment('updateOn', 'Turned off', (config) => turn(config, false))],
  ['addTargets', targets('Added targets', add)],
  ['addUserTargets', targets('Added targets', (config, draft, one) => add(config, draft, asUsers(one)))],
  ['removeTargets', targets('Removed targets', remove)],
  [
    'removeUserTargets',
    targets('Removed targets', (config, draft, one) => remove(config, draft, asUsers(one))),
  ],
  ['replaceTargets', targets('Replaced all targets', replace)],
  ['replaceUserTargets', targets('Replaced all user targets', replaceUsers)],
  [
    'clearTargets',
    targets('Cleared the targets of a variation', (config, draft, one) => {
      config.targets.clear({ variation: variationIndex(draft, one) });
    }),
  ],
  [
    'clearUserTargets',
    targets('Cleared the user targets of a variation', (config, draft, one) => {
      config.targets.clear({ variation: variationIndex(draft, one), kind: 'user' });
    }),
  ],
  ['archiveFlag', inAllEnvironments('updateGlobalArchived', 'Archived', archive)],
  ['restoreFlag', inAllEnvironments('updateGlobalArchived', 'Restored from the archive', restore)],
  ['deprecateFlag', inAllEnvironments('updateDeprecated', 'Deprecated', deprecate)],
  ['restoreDeprecatedFlag', inAllEnvironments('updateDeprecated', 'Made live again', restoreDeprecated)],
  ['addVariation', inAllEnvironments('updateFlagVariations', 'Added a variation', addVariation)],
]);

function turn(config: FlagConfig, on: boolean): void {
  config.on = on;
}

/** A context that is targeted to another variation must first be removed there. */
function add(config: FlagConfig, draft: FlagDraft, instruction: PatchInstruction): void {
  addTo(config.targets, draft, instruction);
}

function addTo(list: Targets, draft: FlagDraft, instruction: PatchInstruction): void {
  const kind = contextKind(draft, instruction);
  const variation = variationIndex(draft, instruction);
  for (const key of contextKeys(instruction)) {
    if ((list.variationOf(kind, key) ?? variation) !== variation) {
      throw invalid(`${kind} ${JSON.stringify(key)} is already targeted to another variation`);
    }
    list.set(kind, key, variation);
  }
}

/** Ignores contexts that are not targeted to this variation. */
function remove(config: FlagConfig, draft: FlagDraft, instruction: PatchInstruction): void {
  const kind = contextKind(draft, instruction);
  const variation = variationIndex(draft, instruction);
  for (const key of contextKeys(instruction)) {
    if (config.targets.variationOf(kind, key) === variation) config.targets.remove(kind, key);
  }
}

function replace(config: FlagConfig, draft: FlagDraft, instruction: PatchInstruction): void {
  config.targets.clear({});
  for (const target of targetList(instruction)) addTo(config.targets, draft, target);
}

function replaceUsers(config: FlagConfig, draft: FlagDraft, instruction: PatchInstruction): void {
  const list = targetList(instruction);
  const named = new Set(list.map((target) => variationIndex(draft, target)));
  if (named.size < draft.flag.variations.length) throw invalid('targets must name every variation');
  config.targets.clear({ kind: 'user' });
  for (const target of list) addTo(config.targets, draft, asUsers(target));
}
