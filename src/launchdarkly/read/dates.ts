import { isObject } from '../../json/object.js';
import type { LiveDate, ScopeId } from '../../reconcile/state.js';
import { shortLine } from '../../text/one-line.js';
import type { DatesAnswer } from '../client.js';
import type { Api } from '../http/api.js';
import { ApiError } from '../http/api-error.js';
import { flagDates } from '../paths.js';
import { checkNames } from './check-names.js';
import { expectList, expectObject, expectString, unexpectedResponse } from './json-fields.js';

/** Reads the dates of a flag's targets. See `FlagReader.listDates`. */
export async function listDates(api: Api, scope: ScopeId, flag: string): Promise<readonly LiveDate[]> {
  const where = `the dates of ${flag} in ${scope.environment}`;
  try {
    const response = expectObject(await api.get(flagDates(scope, flag)), where);
    return expectList(response['items'], where).map((item) => parseDate(item, where));
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
    await checkNames(api, scope.project, [scope.environment]);
    return [];
  }
}

function parseDate(raw: unknown, where: string): LiveDate {
  const fields = expectObject(raw, `an item of ${where}`);
  const at = fields['expirationDate'];
  if (typeof at !== 'number' || !Number.isFinite(at)) {
    throw unexpectedResponse(`an item of ${where} has no time`);
  }
  const variationId = fields['variationId'];
  return {
    kind: expectString(fields['contextKind'], `the context kind of ${where}`),
    key: expectString(fields['contextKey'], `a context key of ${where}`),
    variationId: typeof variationId === 'string' ? variationId : undefined,
    at,
  };
}

/**
 * Parses the response to a patch of dates (schema ExpiringTargetPatchResponse), which is a success even if every
 * instruction failed. The patch was made, so an unexpected response is not an error.
 */
export function parseDatesAnswer(response: unknown, instructions: number): DatesAnswer {
  const errors = new Map<number, string>();
  if (!isObject(response)) return { errors, othersSucceeded: false };
  const listed = Array.isArray(response['errors']) ? (response['errors'] as readonly unknown[]) : [];
  for (const error of listed) {
    if (!isObject(error)) continue;
    const { instructionIndex: index, message } = error;
    if (typeof index === 'number' && index >= 0 && index < instructions)
      errors.set(index, typeof message === 'string' ? shortLine(message, 300) : 'no reason given');
  }
  const failed = response['failedInstructions'] ?? 0;
  return { errors, othersSucceeded: failed === errors.size && listed.length === errors.size };
}
