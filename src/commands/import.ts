import { join } from 'node:path';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { createFile, replaceFile } from '../files/new-file.js';
import { reasonOf, UnsafePath } from '../files/unsafe-path.js';
import { connect } from '../launchdarkly/connect.js';
import { type ImportedFile, type ImportOptions, prepareImport } from '../planning/prepare-import.js';
import { importEnd, importJson, importText } from '../report/import-text.js';
import type { Io } from '../terminal/io.js';
import { withoutToken } from '../terminal/masked.js';
import { openProgress } from '../terminal/progress.js';

export interface ImportCommandOptions extends ImportOptions {
  readonly format: 'text' | 'json';
}

/**
 * `flagops import`: writes declarations for the overrides that are live and not declared. Only sends GET requests. Lists
 * every override that it leaves out. Returns the exit code.
 * @throws OperatorError, among others `import-unwritable`; files that were written until then are listed and stay
 */
export async function importLive(options: ImportCommandOptions, unmasked: Io): Promise<ExitCode> {
  const io = withoutToken(unmasked, options.token);
  const found = await prepareImport(options, io, { connect, onWait: openProgress(io).wait });
  const written: ImportedFile[] = [];
  try {
    for (const file of found.files) {
      write(found.declared.workspace.root, file);
      written.push(file);
    }
  } finally {
    const report = { files: written, leftOut: found.leftOut };
    io.stdout(options.format === 'json' ? importJson(report) : importText(report));
  }
  io.stderr(importEnd(found));
  return EXIT.done;
}

function write(root: string, { path, text, replaces }: ImportedFile): void {
  try {
    if (replaces) replaceFile(root, path, text);
    else if (!createFile(root, path, text)) throw new UnsafePath('it exists, or is a symbolic link');
  } catch (cause) {
    throw new OperatorError('import-unwritable', `cannot write ${join(root, path)}: ${reasonOf(cause)}`, {
      hint:
        cause instanceof UnsafePath
          ? 'replace links on the path with folders and files'
          : 'make the folder writable',
      cause,
    });
  }
}
