import { createColors } from 'picocolors';
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.js';
import type { Findings } from '../diagnostics/findings.js';
import { jsonText, printable } from './escape.js';
import { plural } from '../text/plural.js';

/** A diagnostic in one line: `file:line:col code message (hint)`. */
export function diagnosticLine(diagnostic: Diagnostic, color: boolean): string {
  const paint = createColors(color);
  const { at, severity, code, message, hint } = diagnostic;
  const place = printable(`${at.file}:${at.line}:${at.col}`);
  const mark = severity === 'error' ? paint.red(code) : paint.yellow(`${code} (warning)`);
  return `${place} ${mark} ${printable(message)}${hint === undefined ? '' : paint.dim(` (${printable(hint)})`)}`;
}

/** All diagnostics in the order of the files, then a summary. */
export function findingsText(findings: Findings, color: boolean): string {
  const lines = findings.diagnostics
    .toSorted(compareDiagnostics)
    .map((diagnostic) => diagnosticLine(diagnostic, color));
  return `${[...lines, summary(findings)].join('\n')}\n`;
}

/** Findings as JSON: an object with `diagnostics`, `errors`, `warnings`, `files` and `overrides`. */
export function findingsJson(findings: Findings): string {
  const { errors, warnings } = countSeverities(findings);
  const diagnostics = findings.diagnostics.toSorted(compareDiagnostics);
  return jsonText({ errors, warnings, files: findings.files, overrides: findings.overrides, diagnostics });
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
