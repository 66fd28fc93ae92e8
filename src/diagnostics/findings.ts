import type { Diagnostic, Position } from './diagnostic.js';

/** One `expires` in a declaration: of a file, a group or an override. */
export interface DeclaredDate {
  readonly at: Position;
  /** As it is declared. */
  readonly expires: string;
  /** Epoch milliseconds. */
  readonly date: number;
  /** How many overrides expire then because of it. */
  readonly overrides: number;
}

/** The text of the line at a position, without its line feed; undefined if it cannot be read. */
export type SourceLines = (at: Position) => string | undefined;

/** The result of checking the declarations. */
export interface Findings {
  readonly diagnostics: readonly Diagnostic[];
  /** Number of declarations that were read. */
  readonly files: number;
  /** Number of overrides in the declarations that have no errors. */
  readonly overrides: number;
  /** The declared dates that will pass soon; absent if there are none. */
  readonly soon?: readonly DeclaredDate[];
  /** The lines of the files, to show them below the diagnostics. */
  readonly lines?: SourceLines;
}
