import { ErrorResponse, invalid } from '../api/errors.js';
import type { JsonObject } from '../../json/object.js';
import type { FlagDraft } from './draft.js';
import type { InstructionKind } from './instructions.js';

/** One instruction with its kind. */
export interface PatchStep {
  readonly instruction: JsonObject;
  readonly kind: InstructionKind;
}

/** An instruction that is not possible, with the reason. */
export interface Conflict {
  readonly instruction: JsonObject;
  readonly reason: string;
}

/** @throws ErrorResponse 400 if an instruction has another kind than these */
export function parseSteps(
  instructions: readonly JsonObject[],
  kinds: ReadonlyMap<string, InstructionKind>,
): readonly PatchStep[] {
  return instructions.map((instruction) => {
    const kind = kinds.get(String(instruction['kind']));
    if (!kind) throw invalid(`the instruction ${JSON.stringify(instruction['kind'])} is not simulated`);
    return { instruction, kind };
  });
}

/**
 * Applies the steps to a draft, in order.
 * @returns the same draft
 * @throws ErrorResponse 400 at the first step that is not possible
 */
export function applySteps(draft: FlagDraft, steps: readonly PatchStep[]): FlagDraft {
  for (const step of steps) applyStep(draft, step);
  return draft;
}

/** The steps that are not possible on a draft, after those before them that are. */
export function conflictsOf(draft: FlagDraft, steps: readonly PatchStep[]): readonly Conflict[] {
  return steps.flatMap((step) => {
    try {
      applyStep(draft, step);
      return [];
    } catch (error) {
      if (!(error instanceof ErrorResponse)) throw error;
      return [{ instruction: step.instruction, reason: error.message }];
    }
  });
}

function applyStep(draft: FlagDraft, { kind, instruction }: PatchStep): void {
  if (kind.inEnvironment && draft.flag.state === 'archived') {
    throw invalid('an archived flag cannot be changed');
  }
  kind.apply(draft, instruction);
}
