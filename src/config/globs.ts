import { posix } from 'node:path';
import { pathGlob } from '../glob/glob.js';

/** Decides which files are declarations, on disk and in history. */
export interface DeclarationGlobs {
  /** Whether a path, relative to the repository's root and with `/`, is a declaration. */
  readonly matches: (path: string) => boolean;
  /** The folders that can contain a match, relative to the root (`.` for the root itself). */
  readonly bases: readonly string[];
}

/** Files that are never declarations: those of git and of packages, and the configuration. */
const NEVER = /(?:^|\/)(?:(?:\.git|node_modules)\/|flagops\.yaml$)/;

/**
 * @param patterns globs; one that starts with `!` excludes files
 * @param folder the folder that the globs start from, relative to the repository's root (`.` for the root itself)
 * @throws OperatorError `bad-glob`; `parseConfig` has already refused such a glob
 */
export function declarationGlobs(patterns: readonly string[], folder: string): DeclarationGlobs {
  // The folder is a path, not a pattern: it may be called `apps/(shop)`.
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
