import { invalid } from '../api/errors.js';
import type { FlagConfig } from '../world/model.js';
import type { Targets } from '../world/targets.js';
import type { FlagDraft } from './draft.js';
import { contextKeys, contextKind, targetList, variationIndex, type PatchInstruction } from './fields.js';
import { addVariation, archive, deprecate, restore, restoreDeprecated } from './lifecycle.js';

/** What one kind of instruction does to a draft; it throws an ErrorResponse where that is not possible. */
export interface InstructionKind {
  /** Whether it is about the flag in one environment. */
  readonly inEnvironment: boolean;
  /** The action that a role needs for it, and what the audit log calls it. */
  readonly action: string;
  readonly words: string;
  readonly apply: (draft: FlagDraft, instruction: PatchInstruction) => void;
}

type InConfig = (config: FlagConfig, draft: FlagDraft, instruction: PatchInstruction) => void;

const inEnvironment = (action: string, words: string, change: InConfig): InstructionKind => ({
  inEnvironment: true,
  action,
  words,
  apply: (draft, instruction) => {
    if (draft.config) change(draft.config, draft, instruction);
  },
});

const targets = (words: string, change: InConfig): InstructionKind =>
  inEnvironment('updateTargets', words, change);

const ofFlag = (action: string, words: string, apply: InstructionKind['apply']): InstructionKind => ({
  inEnvironment: false,
  action,
  words,
  apply,
});

const asUsers = (instruction: PatchInstruction): PatchInstruction => ({
  ...instruction,
  contextKind: 'user',
});

/** The instructions that concern individual targets and the state of a flag. */
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
  ['archiveFlag', ofFlag('updateGlobalArchived', 'Archived', archive)],
  ['restoreFlag', ofFlag('updateGlobalArchived', 'Restored from the archive', restore)],
  ['deprecateFlag', ofFlag('updateDeprecated', 'Deprecated', deprecate)],
  ['restoreDeprecatedFlag', ofFlag('updateDeprecated', 'Made live again', restoreDeprecated)],
  ['addVariation', ofFlag('updateFlagVariations', 'Added a variation', addVariation)],
]);

function turn(config: FlagConfig, on: boolean): void {
  config.on = on;
}

/** A context that is targeted to another variation must be removed there first. */
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

/** A context that is not targeted, or not to this variation, is left alone. */
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
