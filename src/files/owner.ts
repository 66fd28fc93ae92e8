import type { Stats } from 'node:fs';

/**
 * Whether a file belongs to the user that runs flagops. This is git's rule for `safe.directory`, without its exception
 * for `sudo`: the owner of the repository could not use state that root wrote.
 */
export function isOurs({ uid }: Stats): boolean {
  const user = process.geteuid?.();
  return user === undefined || uid === user;
}

/** Whether a file belongs to us or to root. */
export function isTrusted(stats: Stats): boolean {
  return stats.uid === 0 || isOurs(stats);
}
