import type { Diagnostic } from './diagnostic.js';

/** The result of checking the declarations. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Declarations that were read. */
  readonly files: number;
  /** Overrides that they declare, as far as they could be read. */
  readonly overrides: number;
}
