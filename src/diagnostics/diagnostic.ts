import type { ErrorCode, WarningCode } from './codes.js';

/** A place in a file. Lines and columns are counted from 1. */
export interface Position {
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

/** A problem in a file, as data: it is turned into text when it is printed. */
export type Diagnostic = Problem & (ErrorKind | WarningKind);

interface Problem {
  readonly message: string;
  readonly hint?: string;
  readonly at: Position;
}

interface ErrorKind {
  readonly severity: 'error';
  readonly code: ErrorCode;
}

interface WarningKind {
  readonly severity: 'warning';
  readonly code: WarningCode;
}

export function hasErrors(diagnostics: readonly Diagnostic[]): boolean {
  return diagnostics.some((diagnostic) => diagnostic.severity === 'error');
}

/** Sorts by file, line and column. */
export function compareDiagnostics(a: Diagnostic, b: Diagnostic): number {
  return (
    Number(a.at.file > b.at.file) - Number(a.at.file < b.at.file) ||
    a.at.line - b.at.line ||
    a.at.col - b.at.col ||
    Number(a.code > b.code) - Number(a.code < b.code)
  );
}
