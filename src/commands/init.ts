import { join } from 'node:path';
import { findWorkspace } from '../config/find.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { createFile } from '../files/new-file.js';
import { reasonOf, UnsafePath } from '../files/unsafe-path.js';
import { findRepository } from '../history/git/repository.js';
import { type InitAnswers, initConfiguration, WORKFLOW, WORKFLOW_PATH } from '../scaffold/files.js';
import type { Io } from '../terminal/io.js';

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * `flagops init`: creates a configuration, a first declaration and the workflow at the root of the repository, or in the
 * working directory outside git. Existing files are kept. If there is a configuration, no declaration is added, since
 * the configuration may not allow it. Returns the exit code.
 * @throws OperatorError `init-key` for an invalid key, `init-unwritable` if a file cannot be written, and as
 *   `findRepository` does if git refuses the repository
 */
export async function init(answers: InitAnswers, io: Io): Promise<number> {
  for (const [option, key] of Object.entries(answers)) {
    if (KEY.test(key)) continue;
    throw new OperatorError('init-key', `--${option} ${key} is not a valid LaunchDarkly key`, {
      hint: 'copy the key from LaunchDarkly: it has letters, digits, dots, dashes and underscores',
    });
  }
  const { root, configExists, configPath } = findWorkspace(io.cwd);
  // Throws if git refuses the repository: then flagops must not write to it either.
  await findRepository(root, io.signal);
  const reportKept = (path: string): void => io.stdout(`kept     ${path} (already exists)\n`);
  if (configExists) reportKept(configPath);
  const files = [...(configExists ? [] : initConfiguration(answers)), [WORKFLOW_PATH, WORKFLOW] as const];
  for (const [path, text] of files) {
    if (writeNew(root, path, text)) io.stdout(`written  ${path}\n`);
    else reportKept(path);
  }
  io.stderr(NEXT);
  return EXIT.done;
}

/** Writes a file unless it exists. Returns whether it was written. */
function writeNew(root: string, path: string, text: string): boolean {
  try {
    return createFile(root, path, text);
  } catch (cause) {
    throw new OperatorError('init-unwritable', `cannot write ${join(root, path)}: ${reasonOf(cause)}`, {
      hint: cause instanceof UnsafePath ? 'put a folder in its place' : 'make the folder writable',
      cause,
    });
  }
}

const NEXT = `
Next:
  1. Declare an override in the file under overrides/, and see what it would change: flagops plan
  2. In the workflow, pin flagops to the commit of its newest release, and change main if your default branch has
     another name.
  3. On GitHub, create the secret LAUNCHDARKLY_READER_TOKEN, and an environment \`launchdarkly\` that only this branch
     can use, with the secret LAUNCHDARKLY_WRITER_TOKEN.
  4. In .github/CODEOWNERS, name the reviewers of each folder in overrides/, and below that the reviewers of
     .gitattributes, flagops.yaml and /.github/. Require their review in the rules of this branch.
`;
