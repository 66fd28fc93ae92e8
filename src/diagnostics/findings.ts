import type { Diagnostic } from './diagnostic.js';

/** The result of checking the declarations. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Number of declarations that were read. */
  readonly files: number;
  /** Number of overrides in the declarations that have no errors. */
  readonly overrides: number;
}
