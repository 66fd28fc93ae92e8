import type { OperatorErrorCode } from './codes.js';

/**
 * An error that the person or job that runs flagops can fix: a missing token, an unreachable host, a shallow clone.
 * It is shown as one line, `message (hint)`, without a stack trace.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
  readonly code: OperatorErrorCode;
  readonly hint: string | undefined;

  /**
   * @param code stable and searchable, for example `no-token`
   * @param message what happened, in one line
   * @param options.hint what to do about it, in one line
   * @param options.cause the underlying error; shown only with `--debug`
   */
  constructor(code: OperatorErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
  }
}
