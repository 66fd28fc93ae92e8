import type { ExitCode } from '../exit-codes.js';
import { connect } from '../launchdarkly/connect.js';
import { prepareTidy, type TidyRequest } from '../planning/edit/prepare-tidy.js';
import { keptNotes } from '../report/tidy-text.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { openProgress } from '../terminal/progress.js';
import { type EditOptions, runEdit } from './run-edit.js';

export interface TidyOptions extends TidyRequest, EditOptions {
  readonly token: string | undefined;
  readonly baseUrl: string | undefined;
  readonly config: string | undefined;
}

/**
 * `flagops tidy`: deletes declarations that have expired, have no effect, or are of archived flags. Only sends GET
 * requests. Returns the exit code.
 * @throws OperatorError, DeclarationsInvalid; then nothing was written
 */
export async function tidy(options: TidyOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const found = await prepareTidy(options, io, { connect, onWait: openProgress(io).wait });
  const { steps, overrides, kept } = found;
  const prepared = { ...found.prepared, notes: keptNotes(kept) };
  const summary = steps.map(({ message }) => message.replace('\n\n', '\n')).join('\n');
  return runEdit({ prepared, steps, overrides, unchanged: 'Nothing to tidy.', summary }, options, io);
}
