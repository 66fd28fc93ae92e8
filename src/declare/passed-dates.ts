import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { DeclaredDate } from '../diagnostics/findings.js';
import { DiagnosticList } from '../diagnostics/list.js';
import { plural } from '../text/plural.js';
import { MAX_DIAGNOSTICS } from './parse/limits.js';

/** A warning for each declared date that has passed, at the date: that is what a mistyped year looks like. */
export function passedDateWarnings(past: readonly DeclaredDate[]): readonly Diagnostic[] {
  const warnings = new DiagnosticList(MAX_DIAGNOSTICS);
  for (const { at, expires, overrides } of past) {
    const what = plural(overrides, 'override is', 'overrides are');
    const message = `the date ${expires} has passed: ${what} no longer wanted`;
    const hint = 'correct the date, or delete what has expired';
    warnings.add({ severity: 'warning', code: 'date-passed', message, hint, at });
  }
  return warnings.all();
}
