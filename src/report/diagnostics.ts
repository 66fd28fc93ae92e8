import { createColors } from 'picocolors';
import { compareDiagnostics, type Diagnostic, type Position } from '../diagnostics/diagnostic.js';
import type { Findings } from '../diagnostics/findings.js';
import { jsonText, printable } from './escape.js';
import { plural } from '../text/plural.js';
import { soonWords } from './words.js';

/** A diagnostic in one line: `file:line:col code message (hint)`. */
export function diagnosticLine(diagnostic: Diagnostic, color: boolean): string {
  const paint = createColors(color);
  const { at, severity, code, message, hint } = diagnostic;
  const place = placeOf(at);
  const mark = severity === 'error' ? paint.red(code) : paint.yellow(`${code} (warning)`);
  return `${place} ${mark} ${printable(message)}${hint === undefined ? '' : paint.dim(` (${printable(hint)})`)}`;
}

function placeOf({ file, line, col }: Position): string {
  return printable(`${file}:${line}:${col}`);
}

/** All diagnostics in the order of the files, the dates that will soon pass, then a summary. */
export function findingsText(findings: Findings, color: boolean): string {
  const lines = findings.diagnostics
    .toSorted(compareDiagnostics)
    .map((diagnostic) => diagnosticLine(diagnostic, color));
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
