import { plural } from '../text/plural.js';
import type { Diagnostic } from './diagnostic.js';

/**
 * Diagnostics up to a limit, so that millions of them neither exhaust the memory nor hide what matters; the others are
 * only counted. Errors and warnings are counted separately, so warnings never displace an error.
 */
export class DiagnosticList {
  readonly #limit: number;
  readonly #kept: Diagnostic[] = [];
  readonly #errors: Count;
  readonly #warnings: Count;

  /** @param limit of errors, and of warnings */
  constructor(limit: number) {
    this.#limit = limit;
    this.#errors = { severity: 'error', kept: 0, dropped: 0, first: undefined };
    this.#warnings = { severity: 'warning', kept: 0, dropped: 0, first: undefined };
  }

  add(diagnostic: Diagnostic): void {
    const count = diagnostic.severity === 'error' ? this.#errors : this.#warnings;
    if (count.kept < this.#limit) {
      count.kept += 1;
      this.#kept.push(diagnostic);
    } else {
      count.dropped += 1;
      count.first ??= diagnostic;
    }
  }

  get hasErrors(): boolean {
    return this.#errors.kept > 0;
  }

  /** Whether further errors would only be counted. */
  get isFull(): boolean {
    return this.#errors.kept >= this.#limit;
  }

  /** The diagnostics that were kept, and the number of others, at the position of the first of these. */
  all(): Diagnostic[] {
    return [...this.#kept, ...more(this.#errors), ...more(this.#warnings)];
  }
}

interface Count {
  readonly severity: Diagnostic['severity'];
  kept: number;
  dropped: number;
  first: Diagnostic | undefined;
}

function more({ severity, dropped, first }: Count): Diagnostic[] {
  if (first === undefined) return [];
  const message = `${plural(dropped, `more ${severity}`)} from here on`;
  return [
    severity === 'error'
      ? { severity, code: 'more-errors', message, at: first.at }
      : { severity, code: 'more-warnings', message, at: first.at },
  ];
}
