import { createColors } from 'picocolors';
import { compareDiagnostics, type Diagnostic, type Position } from '../diagnostics/diagnostic.js';
import type { Findings, SourceLines } from '../diagnostics/findings.js';
import { jsonText, printable } from './escape.js';
import { excerptOf } from './excerpt.js';
import { plural } from '../text/plural.js';
import { soonWords } from './words.js';
import { type PaintedText, wrap } from './wrap.js';

/** How to show diagnostics as text. */
export interface DiagnosticOptions {
  readonly color: boolean;
  /** The terminal's width; undefined if it is not known. */
  readonly columns?: number | undefined;
  /** The lines of the files; undefined if they are not to be shown. */
  readonly lines?: SourceLines | undefined;
}

/** How many diagnostics are shown with their lines. More of them would hide the messages. */
const MAX_EXCERPTS = 20;

/** The width of a line of a file, unless the terminal is narrower. */
const COLUMNS = 80;

/**
 * Diagnostics in the order of the files: for each one `file:line:col code message (hint)`, in one line unless the width is known,
 * and for the first ones two more with the line of the file and a caret.
 */
export function diagnosticLines(diagnostics: readonly Diagnostic[], options: DiagnosticOptions): string[] {
  return diagnostics
    .toSorted(compareDiagnostics)
    .flatMap((diagnostic, index) => [
      diagnosticLine(diagnostic, options),
      ...(index < MAX_EXCERPTS ? excerptLines(diagnostic, options) : []),
    ]);
}

function diagnosticLine(diagnostic: Diagnostic, { color, columns }: DiagnosticOptions): string {
  const paint = createColors(color);
  const { at, severity, code, message, hint } = diagnostic;
  const place = placeOf(at);
  const mark =
    severity === 'error'
      ? { text: code, paint: paint.red }
      : { text: `${code} (warning)`, paint: paint.yellow };
  const advice = hint === undefined ? [] : printable(`(${hint})`).split(' ');
  const pieces = [
    place,
    mark,
    ...printable(message).split(' '),
    ...advice.map((text): PaintedText => ({ text, paint: paint.dim })),
  ];
  return wrap(pieces, { gap: ' ', indent: '  ', columns });
}

function excerptLines(
  diagnostic: Diagnostic,
  { color, columns = COLUMNS, lines }: DiagnosticOptions,
): string[] {
  const excerpt = excerptOf(diagnostic, lines?.(diagnostic.at), Math.min(columns, COLUMNS));
  if (excerpt === undefined) return [];
  const paint = createColors(color);
  const caret = diagnostic.severity === 'error' ? paint.red : paint.yellow;
  const [first, second] = excerpt.gutters;
  return [`${paint.dim(first)}${excerpt.line}`, `${paint.dim(second)}${caret(excerpt.caret)}`];
}

function placeOf({ file, line, col }: Position): string {
  return printable(`${file}:${line}:${col}`);
}

/** All diagnostics in the order of the files, the dates that will soon pass, then a summary. */
export function findingsText(findings: Findings, options: DiagnosticOptions): string {
  const lines = diagnosticLines(findings.diagnostics, options);
  const soon = (findings.soon ?? []).map((date) => `${placeOf(date.at)} expires soon: ${soonWords(date)}`);
  return `${[...lines, ...soon, summary(findings)].join('\n')}\n`;
}

/** Findings as JSON: an object with `diagnostics`, `errors`, `warnings`, `files`, `overrides` and the dates in `soon`. */
export function findingsJson(findings: Findings): string {
  const { errors, warnings } = countSeverities(findings);
  const diagnostics = findings.diagnostics.toSorted(compareDiagnostics);
  const { files, overrides, soon = [] } = findings;
  return jsonText({ errors, warnings, files, overrides, soon, diagnostics });
}

function summary(findings: Findings): string {
  const { errors, warnings } = countSeverities(findings);
  const read = `${plural(findings.overrides, 'override')} in ${plural(findings.files, 'file')}`;
  const also = warnings === 0 ? '' : `, ${plural(warnings, 'warning')}`;
  return errors === 0
    ? `valid: ${read}${also}`
    : `invalid: ${plural(errors, 'error')}${also} in ${plural(findings.files, 'file')}`;
}

/** The number of errors and of warnings. */
export function countSeverities({ diagnostics }: Findings): {
  readonly errors: number;
  readonly warnings: number;
} {
  const errors = diagnostics.filter((diagnostic) => diagnostic.severity === 'error').length;
  return { errors, warnings: diagnostics.length - errors };
}
