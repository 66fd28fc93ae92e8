import type { ExitCode } from '../exit-codes.js';
import { prepareSet, type SetRequest } from '../planning/edit/prepare-set.js';
import { printable } from '../report/escape.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { type EditOptions, runEdit } from './run-edit.js';

export interface SetOptions extends SetRequest, EditOptions {
  readonly config: string | undefined;
}

/**
 * `flagops set`: declares an override in the file in which it belongs, or changes its declaration. Only sends GET
 * requests. Returns the exit code.
 * @throws OperatorError, DeclarationsInvalid; then nothing was written
 */
export async function set(options: SetOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const prepared = await prepareSet(options, io);
  const { files, message, overrides } = prepared;
  const [first] = overrides;
  const unchanged = `unchanged  ${printable(first?.path ?? '')} (it already says so)`;
  return runEdit({ prepared, steps: [{ files, message }], overrides, unchanged }, options, io);
}
