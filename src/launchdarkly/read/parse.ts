import { OperatorError } from '../../diagnostics/operator-error.js';
import { flawIn } from '../../json/json.js';
import { oneLine } from '../http/one-line.js';

/** An object of an answer, of which nothing else is known. */
export type Fields = Readonly<Record<string, unknown>>;

/** Readers of untrusted JSON. `where` says in words what is being read, for the message. */
export function fieldsOf(value: unknown, where: string): Fields {
  if (isFields(value)) return value;
  throw unexpected(`${where} is not an object`);
}

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown, where: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw unexpected(`${where} is not a list`);
}

export function textOf(value: unknown, where: string): string {
  if (typeof value !== 'string') throw unexpected(`${where} is not a text`);
  const flaw = flawIn(value);
  if (flaw !== undefined) throw unexpected(`${where} ${flaw}`);
  return value;
}

/** An answer that is not what LaunchDarkly's API document promises: better no plan than one on a wrong basis. */
export function unexpected(what: string): OperatorError {
  return new OperatorError(
    'unexpected-answer',
    `LaunchDarkly's answer makes no sense: ${oneLine(what, 300)}`,
    {
      hint: 'check the base URL; if it is right, run again with --debug and report this',
    },
  );
}
