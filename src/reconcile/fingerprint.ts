import { createHash } from 'node:crypto';
import { canonical, type Json } from '../json/json.js';
import type { ExpiryChange } from './dates.js';
import { type Change, compareChanges, type OverrideValue } from './plan.js';

/**
 * Identifies a plan: the SHA-256, in hexadecimal, of the canonical JSON (RFC 8785) of the API's host and the sorted
 * changes (project, environment, flag, kind, key, action, before, after), and of nothing else. Before and after are a
 * variation's index and value. If there are changes of dates, they are covered as `dates`, with times in milliseconds.
 */
export function fingerprintOf(
  baseUrl: string,
  changes: readonly Change[],
  dates: readonly ExpiryChange[],
): string {
  const hash = createHash('sha256');
  const textOf = createSerializer();
  // Hashed change by change: the text of a large plan would take more memory than the plan.
  let separator = '{"changes":[';
  for (const change of changes.toSorted(compareChanges)) {
    hash.update(separator + textOf(change));
    separator = ',';
  }
  const opening = changes.length === 0 ? separator : '';
  const dateList = dates.toSorted(compareChanges).map(identityOfDate);
  const datesText = dates.length === 0 ? '' : `,"dates":${canonical(dateList)}`;
  hash.update(`${opening}]${datesText},"host":${canonical(new URL(baseUrl).host)}}`);
  return hash.digest('hex');
}

/**
 * Creates a function that returns the canonical text of `identityOf` a change. Parts that many changes share are
 * serialized once.
 */
function createSerializer(): (change: Change) => string {
  const values = new Map<OverrideValue | null, string>();
  const valueText = (value: OverrideValue | null): string => {
    const text = values.get(value) ?? canonical(valueIdentity(value));
    values.set(value, text);
    return text;
  };
  const words = new Map<string, string>();
  const wordText = (word: string): string => {
    const text = words.get(word) ?? canonical(word);
    words.set(word, text);
    return text;
  };
  return ({ action, after, before, environment, flag, key, kind, project }) =>
    `{"action":${wordText(action)},"after":${valueText(after)},"before":${valueText(before)},` +
    `"environment":${wordText(environment)},"flag":${wordText(flag)},"key":${canonical(key)},` +
    `"kind":${wordText(kind)},"project":${wordText(project)}}`;
}

/** The parts of a change that the fingerprint covers, as a JSON value. */
export function identityOf(change: Change): Json {
  const { project, environment, flag, kind, key, action } = change;
  return {
    project,
    environment,
    flag,
    kind,
    key,
    action,
    before: valueIdentity(change.before),
    after: valueIdentity(change.after),
  };
}

/** The parts of a change of a date that the fingerprint covers, as a JSON value. */
export function identityOfDate(date: ExpiryChange): Json {
  const { project, environment, flag, kind, key, action, before, after } = date;
  return { project, environment, flag, kind, key, action, before, after };
}

function valueIdentity(value: OverrideValue | null): Json {
  return value === null ? null : { variation: value.variation, value: value.value };
}
