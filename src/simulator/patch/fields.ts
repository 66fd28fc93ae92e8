import { invalid } from '../api/errors.js';
import type { FlagDraft } from './draft.js';

/** One instruction of a semantic patch, as it came. */
export type PatchInstruction = Readonly<Record<string, unknown>>;

/** The index of the variation that an instruction names by id. */
export function variationIndex(draft: FlagDraft, { variationId }: PatchInstruction): number {
  const index = draft.flag.variations.findIndex(({ id }) => id === variationId);
  if (index < 0) throw invalid(`variationId ${JSON.stringify(variationId)} is no variation of the flag`);
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

/** The entries of the list `targets`. */
export function targetList({ targets }: PatchInstruction): readonly PatchInstruction[] {
  if (!Array.isArray(targets)) throw invalid('targets must be a list');
  return targets.map((target: unknown) => {
    if (!isObject(target)) throw invalid('each of targets must be an object');
    return target;
  });
}

export function isObject(value: unknown): value is PatchInstruction {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function optionalString(instruction: PatchInstruction, name: string): string | undefined {
  const value = instruction[name];
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`${name} must be a string`);
}
