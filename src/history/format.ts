import type { DeclarationGlobs } from '../config/globs.js';
import type { DeclaredState } from '../reconcile/state.js';

/** How files of the past are to be understood. The walk through history knows commits and blobs, not YAML. */
export interface HistoryFormat {
  /** What one file declares, or undefined where it does not parse. Pure: the text decides, the path is for messages. */
  readonly declarations: (text: string, path: string) => DeclaredState | undefined;
  /**
   * Which files are declarations, given the text of that commit's configuration (undefined: the commit has none);
   * undefined where it does not parse.
   */
  readonly globs: (configText: string | undefined) => DeclarationGlobs | undefined;
  /** The configuration's path relative to the root, with `/`. */
  readonly configPath: string;
}
