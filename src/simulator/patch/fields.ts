import { invalid } from '../api/errors.js';
import type { Draft } from './draft.js';

/** One instruction of a semantic patch, as it came. */
export type Instruction = Readonly<Record<string, unknown>>;

/** The index of the variation that an instruction names by id. */
export function variationIndex(draft: Draft, { variationId }: Instruction): number {
  const index = draft.flag.variations.findIndex(({ id }) => id === variationId);
  if (index < 0) throw invalid(`variationId ${JSON.stringify(variationId)} is no variation of the flag`);
  return index;
}

export function contextKeys({ values }: Instruction): readonly string[] {
  if (!Array.isArray(values)) throw invalid('values must be a list of context keys');
  return values.map((value: unknown) => {
    if (typeof value !== 'string' || value === '') throw invalid('values must be a list of context keys');
    return value;
  });
}

export function contextKind(draft: Draft, { contextKind: kind = 'user' }: Instruction): string {
  if (typeof kind !== 'string' || !draft.project.contextKinds.has(kind)) {
    throw invalid(`the project has no context kind ${JSON.stringify(kind)}`);
  }
  return kind;
}

/** The entries of the list `targets`. */
export function targetList({ targets }: Instruction): readonly Instruction[] {
  if (!Array.isArray(targets)) throw invalid('targets must be a list');
  return targets.map((target: unknown) => {
    if (!isInstruction(target)) throw invalid('each of targets must be an object');
    return target;
  });
}

export function isInstruction(value: unknown): value is Instruction {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function optionalText(instruction: Instruction, name: string): string | undefined {
  const value = instruction[name];
  if (value === undefined || typeof value === 'string') return value;
  throw invalid(`${name} must be a string`);
}
