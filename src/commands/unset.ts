import type { ExitCode } from '../exit-codes.js';
import { prepareUnset, type UnsetRequest } from '../planning/edit/prepare-unset.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { type EditOptions, runEdit } from './run-edit.js';

export interface UnsetOptions extends UnsetRequest, EditOptions {
  readonly config: string | undefined;
}

/**
 * `flagops unset`: removes the declaration of an override, or all of a context. Only sends GET requests. Returns the exit
 * code.
 * @throws OperatorError, DeclarationsInvalid; then nothing was written
 */
export async function unset(options: UnsetOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const prepared = await prepareUnset(options, io);
  const { files, message, overrides } = prepared;
  return runEdit({ prepared, steps: [{ files, message }], overrides, unchanged: 'unchanged' }, options, io);
}
