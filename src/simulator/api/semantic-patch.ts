import { isObject, type JsonObject } from '../../json/object.js';
import { invalid } from './errors.js';
import { optionalString } from './optional-string.js';
import type { RouteRequest } from './route.js';

/** The body of a semantic patch. */
export interface SemanticPatch {
  readonly comment: string | undefined;
  readonly environmentKey: string | undefined;
  /** At least one. */
  readonly instructions: readonly JsonObject[];
}

export function isSemanticPatch({ contentType }: RouteRequest): boolean {
  return /;\s*domain-model=launchdarkly\.semanticpatch\b/i.test(contentType);
}

/** @throws ErrorResponse 400 if the request is not a semantic patch, or if one of its instructions has no kind */
export function semanticPatch(request: RouteRequest): SemanticPatch {
  const { body } = request;
  if (!isSemanticPatch(request)) {
    throw invalid(
      'only semantic patches are simulated: Content-Type must contain domain-model=launchdarkly.semanticpatch',
    );
  }
  if (!isObject(body)) throw invalid('the body must be a JSON object');
  return {
    comment: optionalString(body, 'comment'),
    environmentKey: optionalString(body, 'environmentKey'),
    instructions: instructionList(body),
  };
}

/** The `instructions` of a body. */
export function instructionList({ instructions }: JsonObject): readonly JsonObject[] {
  if (!Array.isArray(instructions) || instructions.length === 0) {
    throw invalid('instructions must be a non-empty list');
  }
  return instructions.map((instruction: unknown) => {
    if (!isObject(instruction) || typeof instruction['kind'] !== 'string') {
      throw invalid('each instruction must be an object with a kind');
    }
    return instruction;
  });
}
