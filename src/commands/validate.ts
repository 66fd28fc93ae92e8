import type { Findings } from '../diagnostics/findings.js';
import { EXIT } from '../exit-codes.js';
import { findingsJson, findingsText } from '../report/diagnostics.js';
import { DeclarationsInvalid, declare } from '../planning/read-declarations.js';
import type { Io } from '../terminal/io.js';

export interface ValidateOptions {
  readonly config?: string | undefined;
  readonly allowEmpty: boolean;
  readonly format: 'text' | 'json';
  /** Whether text shows the lines of the files below their diagnostics, for people to read. Default true. */
  readonly excerpts?: boolean | undefined;
}

/** `flagops validate`: checks configuration and declarations offline. Returns the exit code. */
export async function validate(options: ValidateOptions, io: Io): Promise<number> {
  const render = (findings: Findings): string =>
    options.format === 'json'
      ? findingsJson(findings)
      : findingsText(findings, {
          color: io.color.stdout,
          columns: io.columns.stdout,
          lines: options.excerpts === false ? undefined : findings.lines,
        });
  try {
    const { findings } = await declare({ ...options, cwd: io.cwd, now: io.now(), signal: io.signal });
    io.stdout(render(findings));
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof DeclarationsInvalid)) throw error;
    io.stdout(render(error.findings));
    return EXIT.failed;
  }
}
