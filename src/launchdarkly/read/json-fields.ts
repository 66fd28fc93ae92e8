import { OperatorError } from '../../diagnostics/operator-error.js';
import { flawIn } from '../../json/json.js';
import { isObject, type JsonObject } from '../../json/object.js';
import { shortLine } from '../../text/one-line.js';

/**
 * Checks that a part of a response is an object.
 * @param what names the part in messages
 * @throws OperatorError `unexpected-answer`
 */
export function expectObject(value: unknown, what: string): JsonObject {
  if (isObject(value)) return value;
  throw unexpectedResponse(`${what} is not an object`);
}

/** Checks that a part of a response is a list. See `expectObject`. */
export function expectList(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpectedResponse(`${what} is not a list`);
}

/** Checks that a part of a response is a string of valid Unicode. See `expectObject`. */
export function expectString(value: unknown, what: string): string {
  if (typeof value !== 'string') throw unexpectedResponse(`${what} is not a string`);
  const flaw = flawIn(value);
  if (flaw !== undefined) throw unexpectedResponse(`${what} ${flaw}`);
  return value;
}

/** The error for a response that contradicts the API document: no plan is better than one from wrong data. */
export function unexpectedResponse(problem: string): OperatorError {
  return new OperatorError(
    'unexpected-answer',
    `unexpected response from LaunchDarkly: ${shortLine(problem, 300)}`,
    {
      hint: 'check the base URL; if it is correct, run again with --debug and report this',
    },
  );
}
