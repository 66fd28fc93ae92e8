import { createHash } from 'node:crypto';
import { canonical, type Json } from './json.js';
import { type Change, compareChanges, type Side } from './plan.js';

/**
 * Identifies a plan: the SHA-256, in hexadecimal, over the canonical JSON (RFC 8785) of the API's host and the
 * sorted changes (project, environment, flag, kind, key, action, before, after), and nothing else. A side is its
 * variation's index and value.
 * @param baseUrl where the API is
 */
export function fingerprint(baseUrl: string, changes: readonly Change[]): string {
  const content: Json = {
    host: new URL(baseUrl).host,
    changes: changes.toSorted(compareChanges).map(identify),
  };
  return createHash('sha256').update(canonical(content)).digest('hex');
}

/** What of a change counts for the fingerprint, as a JSON value. */
export function identify(change: Change): Json {
  const { project, environment, flag, kind, key, action } = change;
  return {
    project,
    environment,
    flag,
    kind,
    key,
    action,
    before: side(change.before),
    after: side(change.after),
  };
}

function side(value: Side | null): Json {
  return value === null ? null : { variation: value.variation, value: value.value };
}
