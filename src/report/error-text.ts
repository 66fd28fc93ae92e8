import { createColors } from 'picocolors';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { Findings } from '../diagnostics/findings.js';
import { diagnosticLines, type DiagnosticOptions } from './diagnostics.js';
import { printable } from './escape.js';
import { wrap } from './wrap.js';

/** An error that comes with findings in the declarations. */
interface WithFindings extends Error {
  readonly findings: Findings;
}

/**
 * An error for the user of a command: one line, `error: message (hint)`, after the findings in the declarations, if any.
 * The line is wrapped if the width is known.
 */
export function errorText(
  error: unknown,
  options: { readonly debug: boolean } & Pick<DiagnosticOptions, 'color' | 'columns'>,
): string {
  const paint = createColors(options.color);
  const lines: string[] = [];
  const line = (text: string): string =>
    wrap([{ text: 'error:', paint: paint.red }, ...printable(text).split(' ')], {
      gap: ' ',
      indent: '  ',
      columns: options.columns,
    });
  if (hasFindings(error)) {
    const { diagnostics, lines: source } = error.findings;
    lines.push(...diagnosticLines(diagnostics, { ...options, lines: source }));
    lines.push(line(`${error.message} (fix the errors above, then run this again)`));
  } else if (error instanceof OperatorError) {
    lines.push(line(`${error.message}${error.hint === undefined ? '' : ` (${error.hint})`}`));
  } else {
    const message = error instanceof Error ? error.message : String(error);
    const hint = 'this is a bug in flagops; --debug shows where';
    lines.push(line(`${message} (${hint})`));
  }
  if (options.debug && error instanceof Error) lines.push(...stacks(error));
  return `${lines.join('\n')}\n`;
}

function hasFindings(error: unknown): error is WithFindings {
  return error instanceof Error && 'findings' in error;
}

function stacks(error: Error): string[] {
  const own = (error.stack ?? error.message).split('\n').map(printable);
  return error.cause instanceof Error ? [...own, 'caused by:', ...stacks(error.cause)] : own;
}
