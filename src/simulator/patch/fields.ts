import { invalid } from '../api/errors.js';
import { isObject, type JsonObject } from '../../json/object.js';
import type { FlagDraft } from './draft.js';

/** One instruction of a semantic patch, as it was received. */
export type PatchInstruction = JsonObject;

/** The index of the variation that an instruction names by id. */
export function variationIndex(draft: FlagDraft, { variationId }: PatchInstruction): number {
  const index = draft.flag.variations.findIndex(({ id }) => id === variationId);
  if (index < 0) throw invalid(`variationId ${JSON.stringify(variationId)} is not a variation of the flag`);
  return index;
}

export function contextKeys({ values }: PatchInstruction): readonly string[] {
  if (!Array.isArray(values)) throw invalid('values must be a list of context keys');
  return values.map((value: unknown) => {
    if (typeof value !== 'string' || value === '') throw invalid('values must be a list of context keys');
    return value;
  });
}

export function contextKind(draft: FlagDraft, { contextKind: kind = 'user' }: PatchInstruction): string {
  if (typeof kind !== 'string' || !draft.project.contextKinds.has(kind)) {
    throw invalid(`the project has no context kind ${JSON.stringify(kind)}`);
  }
  return kind;
}

/** The entries of `targets` in an instruction that replaces targets. */
export function targetList({ targets }: PatchInstruction): readonly PatchInstruction[] {
  if (!Array.isArray(targets)) throw invalid('targets must be a list');
  return targets.map((target: unknown) => {
    if (!isObject(target)) throw invalid('each entry of targets must be an object');
    return target;
  });
}
