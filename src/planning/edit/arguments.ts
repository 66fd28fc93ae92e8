import { OperatorError } from '../../diagnostics/operator-error.js';
import { flawIn, type Json } from '../../json/json.js';
import { measureJson, tooDeep } from '../../json/shape.js';
import { NONE } from '../../reconcile/setting.js';
import type { Setting } from '../../reconcile/state.js';

const HOUR = 3_600_000;

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 168 };

/**
 * Parses a value on a command line: JSON, or else text. `null` is no override.
 * @throws OperatorError `edit-argument`
 */
export function parseValue(text: string): Setting {
  let value: Json = text;
  const shape = measureJson(text);
  const deep = tooDeep(shape);
  if (deep !== undefined) throw badArgument(`the value ${deep}`);
  try {
    value = JSON.parse(text) as Json;
  } catch {
    // It is a text.
  }
  const flaw = flawIn(value);
  if (flaw !== undefined) throw badArgument(`the value ${flaw}`);
  return value === null ? NONE : { type: 'value', value };
}

/** Parses `--variation`: a name, or an index from 0. */
export function parseVariation(text: string): Setting {
  return { type: 'variation', variation: /^\d{1,9}$/.test(text) ? Number(text) : text };
}

/**
 * Parses `--expires`: a time from now (`12h`, `7d`, `2w`), a date, a date-time with its zone, or `never`.
 * @param now epoch milliseconds
 * @returns what the declaration says; null for no date
 * @throws OperatorError `edit-argument`
 */
export function parseExpires(text: string, now: number): string | null {
  if (text === 'never') return null;
  const hours = /^\d{1,5}[hdw]$/.test(text) ? HOURS[text.slice(-1)] : undefined;
  if (hours !== undefined) {
    const at = new Date(now + Number.parseInt(text, 10) * hours * HOUR).toISOString();
    return text.endsWith('h') ? `${at.slice(0, 16)}:00Z` : at.slice(0, 10);
  }
  if (/^\d{4}-\d\d-\d\d/.test(text)) return text;
  throw badArgument(
    `${JSON.stringify(text)} is not a date`,
    'write 12h, 7d, 2w, a date such as 2026-12-31, a date-time with its zone, or never',
  );
}

function badArgument(message: string, hint = 'quote it as JSON'): OperatorError {
  return new OperatorError('edit-argument', message, { hint });
}
