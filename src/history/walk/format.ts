import type { DeclarationGlobs } from '../../config/globs.js';
import type { DeclaredState } from '../../reconcile/state.js';

/** How files of the past are to be understood. The walk through history knows commits and blobs, not YAML. */
export interface HistoryFormat {
  /**
   * What one file declares, or undefined where it does not parse. The bytes decide; the path is for messages, and the
   * id of the blob to remember it by.
   */
  readonly declarations: (
    bytes: Uint8Array,
    path: string,
    blob: string,
  ) => DeclaredState | undefined | Promise<DeclaredState | undefined>;
  /** What an earlier reading of a blob came to, without its bytes; undefined where nobody remembers. */
  readonly recall?: (blob: string) => { readonly declared: DeclaredState | undefined } | undefined;
  /**
   * Which files are declarations, given that commit's configuration (undefined: the commit has none); undefined where
   * it does not parse.
   */
  readonly globs: (
    config: Uint8Array | undefined,
  ) => DeclarationGlobs | undefined | Promise<DeclarationGlobs | undefined>;
  /** The configuration's path relative to the root, with `/`. */
  readonly configPath: string;
}
