import { plural } from '../text/plural.js';
import type { Diagnostic } from './diagnostic.js';

/**
 * Diagnostics up to a limit, so that millions of them neither exhaust the memory nor hide what matters; the rest is
 * counted. Errors and warnings are counted apart: warnings never crowd out an error.
 */
export class DiagnosticList {
  readonly #limit: number;
  readonly #kept: Diagnostic[] = [];
  readonly #errors: Tally;
  readonly #warnings: Tally;

  /** @param limit of errors, and of warnings */
  constructor(limit: number) {
    this.#limit = limit;
    this.#errors = { severity: 'error', kept: 0, left: 0, first: undefined };
    this.#warnings = { severity: 'warning', kept: 0, left: 0, first: undefined };
  }

  add(diagnostic: Diagnostic): void {
    const tally = diagnostic.severity === 'error' ? this.#errors : this.#warnings;
    if (tally.kept < this.#limit) {
      tally.kept += 1;
      this.#kept.push(diagnostic);
    } else {
      tally.left += 1;
      tally.first ??= diagnostic;
    }
  }

  get hasErrors(): boolean {
    return this.#errors.kept > 0;
  }

  /** Whether no error more would be kept. */
  get isFull(): boolean {
    return this.#errors.kept >= this.#limit;
  }

  /** What was kept, and how many more there are, at the place of the first of them. */
  all(): Diagnostic[] {
    return [...this.#kept, ...more(this.#errors), ...more(this.#warnings)];
  }
}

interface Tally {
  readonly severity: Diagnostic['severity'];
  kept: number;
  left: number;
  first: Diagnostic | undefined;
}

function more({ severity, left, first }: Tally): Diagnostic[] {
  if (first === undefined) return [];
  const message = `${plural(left, `more ${severity}`)} from here on`;
  return [
    severity === 'error'
      ? { severity, code: 'more-errors', message, at: first.at }
      : { severity, code: 'more-warnings', message, at: first.at },
  ];
}
