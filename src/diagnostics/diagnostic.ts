/** A place in a file as people count: lines and columns from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/**
 * Something wrong with what was declared, as data: the prose around it is made where it is printed.
 * `code` is stable, so that it can be searched for and asserted on.
 */
export interface Diagnostic {
  readonly severity: 'error' | 'warning';
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly at: Position;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** Orders diagnostics as a reader walks through the files. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    Number(a.at.file > b.at.file) - Number(a.at.file < b.at.file) ||
    a.at.line - b.at.line ||
    a.at.col - b.at.col ||
    Number(a.code > b.code) - Number(a.code < b.code)
  );
}
