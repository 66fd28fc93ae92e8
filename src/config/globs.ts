import { posix } from 'node:path';
import picomatch from 'picomatch';

/** Decides which files are declarations; the same for the files on disk and for those in history. */
export interface DeclarationGlobs {
  /** Whether a path, relative to the repository's root and with `/`, is a declaration. */
  readonly matches: (path: string) => boolean;
  /** The folders (relative to the root, `.` for the root itself) outside which nothing can match. */
  readonly bases: readonly string[];
}

/** What lies in these folders belongs to git, or to others. */
const NEVER = /(?:^|\/)(?:\.git|node_modules)\//;

/**
 * @param patterns glob patterns; one that starts with `!` takes files out again
 * @param folder where the patterns start, relative to the repository's root (`.` for the root itself)
 */
export function declarationGlobs(patterns: readonly string[], folder: string): DeclarationGlobs {
  const anchored = (pattern: string): string => (folder === '.' ? pattern : posix.join(folder, pattern));
  const include = patterns.filter((pattern) => !pattern.startsWith('!')).map(anchored);
  const exclude = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => anchored(pattern.slice(1)));
  const included = picomatch(include, { dot: true });
  const excluded = exclude.length === 0 ? () => false : picomatch(exclude, { dot: true });
  return {
    matches: (path) => included(path) && !excluded(path) && !NEVER.test(path),
    bases: [...new Set(include.map((pattern) => posix.normalize(picomatch.scan(pattern).base || '.')))],
  };
}
