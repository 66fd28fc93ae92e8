import type { Json } from '../../json/json.js';
import { isObject } from '../../json/object.js';
import { applyJsonPatch, JsonPatchError, parseJsonPatch, PatchTestFailed } from '../patch/json-patch.js';
import { invalid, testFailed } from './errors.js';
import { optionalString } from './optional-string.js';
import type { RouteRequest } from './route.js';

/** The body of a JSON patch. */
export interface PatchBody {
  readonly comment: string | undefined;
  /** The result of the patch. Throws an ErrorResponse 400, or 409 if a `test` operation fails. */
  readonly apply: (document: Json) => Json;
}

/**
 * Reads a JSON patch: a list of operations, or an object with the list in `patch` and a comment.
 * @throws ErrorResponse 400
 */
export function jsonPatch({ body }: RouteRequest): PatchBody {
  const isWrapped = isObject(body) && 'patch' in body;
  if (!isWrapped && !Array.isArray(body)) {
    throw invalid(
      isObject(body) && 'instructions' in body
        ? 'a semantic patch needs a Content-Type with domain-model=launchdarkly.semanticpatch'
        : 'the body must be a JSON patch: a list of operations, or an object with the list in patch',
    );
  }
  const operations = answering(() => parseJsonPatch(isWrapped ? body['patch'] : body));
  return {
    comment: isWrapped ? optionalString(body, 'comment') : undefined,
    apply: (document) => answering(() => applyJsonPatch(document, operations)),
  };
}

function answering<T>(run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PatchTestFailed) throw testFailed(error.message);
    if (error instanceof JsonPatchError) throw invalid(error.message);
    throw error;
  }
}
