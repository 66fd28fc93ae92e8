import type { ExitCode } from '../exit-codes.js';
import { prepareRelease, type ReleaseRequest } from '../planning/edit/prepare-release.js';
import { printable } from '../report/escape.js';
import { shellWord } from '../text/shell-word.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { type EditOptions, runEdit } from './run-edit.js';

export interface ReleaseOptions extends ReleaseRequest, EditOptions {
  readonly config: string | undefined;
}

/**
 * `flagops release`: declares that overrides stay once their declaration is deleted. Only sends GET requests. Returns the
 * exit code.
 * @throws OperatorError, DeclarationsInvalid; then nothing was written
 */
export async function release(options: ReleaseOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const prepared = await prepareRelease(options, io);
  const { files, message, overrides } = prepared;
  const unset = `flagops ${['unset', ...argumentsOf(options)].map(shellWord).join(' ')}`;
  return runEdit(
    {
      prepared,
      steps: [{ files, message }],
      overrides,
      unchanged: `unchanged (already released)\nTo delete the declaration: ${printable(unset)}`,
      afterwards: `Once that is applied, delete the declaration: ${printable(unset)}\nThe override stays live, and is no longer managed.`,
    },
    options,
    io,
  );
}

/** The arguments with which `unset` deletes what was released. */
function argumentsOf({ context, flag, config, selection }: ReleaseOptions): readonly string[] {
  return [
    context,
    ...(flag === undefined ? [] : [flag]),
    ...(config === undefined ? [] : ['--config', config]),
    ...selection.projects.flatMap((glob) => ['--project', glob]),
    ...selection.environments.flatMap((glob) => ['--environment', glob]),
  ];
}
