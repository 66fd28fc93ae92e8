import { posix } from 'node:path';
import { pathGlob } from '../glob/glob.js';

/** Decides which files are declarations; the same for the files on disk and for those in history. */
export interface DeclarationGlobs {
  /** Whether a path, relative to the repository's root and with `/`, is a declaration. */
  readonly matches: (path: string) => boolean;
  /** The folders (relative to the root, `.` for the root itself) outside which nothing can match. */
  readonly bases: readonly string[];
}

/** What lies in these folders belongs to git, or to others; and a configuration is no declaration. */
const NEVER = /(?:^|\/)(?:(?:\.git|node_modules)\/|flagops\.yaml$)/;

/**
 * @param patterns glob patterns; one that starts with `!` takes files out again
 * @param folder where the patterns start, relative to the repository's root (`.` for the root itself)
 * @throws OperatorError `bad-glob`, for a pattern that no configuration can hold
 */
export function declarationGlobs(patterns: readonly string[], folder: string): DeclarationGlobs {
  // The folder is a path and no pattern: `apps/(shop)` is what it is called.
  const prefix = folder === '.' ? '' : `${folder}/`;
  const include = patterns.filter((pattern) => !pattern.startsWith('!')).map(pathGlob);
  const exclude = patterns
    .filter((pattern) => pattern.startsWith('!'))
    .map((pattern) => pathGlob(pattern.slice(1)));
  return {
    matches: (path) => {
      if (!path.startsWith(prefix) || NEVER.test(path)) return false;
      const inside = path.slice(prefix.length);
      return include.some((glob) => glob.matches(inside)) && !exclude.some((glob) => glob.matches(inside));
    },
    bases: [...new Set(include.map(({ base }) => posix.join(folder, base)))],
  };
}
