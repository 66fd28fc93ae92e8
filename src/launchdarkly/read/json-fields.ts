import { OperatorError } from '../../diagnostics/operator-error.js';
import { flawIn } from '../../json/json.js';
import { shortLine } from '../http/short-line.js';

/** An object of an answer, of which nothing else is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** Readers of untrusted JSON. `where` says in words what is being read, for the message. */
export function asObject(value: unknown, where: string): JsonObject {
  if (isObject(value)) return value;
  throw unexpectedResponse(`${where} is not an object`);
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asList(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpectedResponse(`${where} is not a list`);
}

export function asString(value: unknown, where: string): string {
  if (typeof value !== 'string') throw unexpectedResponse(`${where} is not a text`);
  const flaw = flawIn(value);
  if (flaw !== undefined) throw unexpectedResponse(`${where} ${flaw}`);
  return value;
}

/** An answer that is not what LaunchDarkly's API document promises: better no plan than one on a wrong basis. */
export function unexpectedResponse(what: string): OperatorError {
  return new OperatorError(
    'unexpected-answer',
    `LaunchDarkly's answer makes no sense: ${shortLine(what, 300)}`,
    {
      hint: 'check the base URL; if it is right, run again with --debug and report this',
    },
  );
}
