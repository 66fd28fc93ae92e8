import type { AuditEntry } from './model.js';

/** The name of the author of a change: a token, a member, or LaunchDarkly. */
export function authorOf({ isScheduled, tokenName }: AuditEntry): string {
  return isScheduled ? 'LaunchDarkly' : (tokenName ?? 'A member');
}
