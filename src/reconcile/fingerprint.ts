import { createHash } from 'node:crypto';
import { canonical, type Json } from '../json/json.js';
import { type Change, compareChanges, type OverrideValue } from './plan.js';

/**
 * Identifies a plan: the SHA-256, in hexadecimal, over the canonical JSON (RFC 8785) of the API's host and the
 * sorted changes (project, environment, flag, kind, key, action, before, after), and nothing else. A side is its
 * variation's index and value.
 * @param baseUrl where the API is
 */
export function fingerprintOf(baseUrl: string, changes: readonly Change[]): string {
  const hash = createHash('sha256');
  const textOf = createTextMemo();
  // Change by change: the text of a large plan, made at once, would take more memory than the plan.
  let between = '{"changes":[';
  for (const change of changes.toSorted(compareChanges)) {
    hash.update(between + textOf(change));
    between = ',';
  }
  const opening = changes.length === 0 ? between : '';
  hash.update(`${opening}],"host":${canonical(new URL(baseUrl).host)}}`);
  return hash.digest('hex');
}

/** Makes the canonical text of what `identify` gives; what recurs from change to change is made once. */
function createTextMemo(): (change: Change) => string {
  const sides = new Map<OverrideValue | null, string>();
  const sideText = (value: OverrideValue | null): string => {
    const text = sides.get(value) ?? canonical(valueIdentity(value));
    sides.set(value, text);
    return text;
  };
  const words = new Map<string, string>();
  const wordText = (word: string): string => {
    const text = words.get(word) ?? canonical(word);
    words.set(word, text);
    return text;
  };
  return ({ action, after, before, environment, flag, key, kind, project }) =>
    `{"action":${wordText(action)},"after":${sideText(after)},"before":${sideText(before)},` +
    `"environment":${wordText(environment)},"flag":${wordText(flag)},"key":${canonical(key)},` +
    `"kind":${wordText(kind)},"project":${wordText(project)}}`;
}

/** What of a change counts for the fingerprint, as a JSON value. */
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

function valueIdentity(value: OverrideValue | null): Json {
  return value === null ? null : { variation: value.variation, value: value.value };
}
