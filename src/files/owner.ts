import type { Stats } from 'node:fs';

/**
 * Whether something belongs to the user that runs flagops. This is git's rule for `safe.directory`, without its
 * exceptions: state that root wrote during `sudo` could not be used by the repository's owner afterwards.
 */
export function isOurs({ uid }: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === user;
}

/** Whether it belongs to us or to the system. */
export function isTrusted(stats: Stats): boolean {
  return stats.uid === 0 || isOurs(stats);
}
