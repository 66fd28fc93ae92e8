import { join } from 'node:path';
import { findWorkspace } from '../config/find.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import { createFile } from '../files/new-file.js';
import { reasonOf, UnsafePath } from '../files/unsafe-path.js';
import { type InitAnswers, initConfiguration, WORKFLOW, WORKFLOW_PATH } from '../scaffold/files.js';
import type { Io } from '../terminal/io.js';

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/**
 * `flagops init`: writes a configuration, a first declaration and the workflow into the repository, or into this
 * folder where there is none. What is there already is left as it is; where that is a configuration, it decides what
 * may be declared, so nothing is declared for it. Gives the exit code.
 * @throws OperatorError where a key is none, or a file cannot be written
 */
export async function init(answers: InitAnswers, io: Io): Promise<number> {
  for (const [option, key] of Object.entries(answers)) {
    if (KEY.test(key)) continue;
    throw new OperatorError('init-key', `--${option} ${key} is no key of LaunchDarkly's`, {
      hint: `copy the key from LaunchDarkly: letters, digits, dots, dashes and underscores`,
    });
  }
  const { root, configExists, configPath } = findWorkspace(io.cwd);
  const left = (path: string): void => io.stdout(`left     ${path} (exists already)\n`);
  if (configExists) left(configPath);
  const files = [...(configExists ? [] : initConfiguration(answers)), [WORKFLOW_PATH, WORKFLOW] as const];
  for (const [path, text] of files) {
    if (writeNew(root, path, text)) io.stdout(`written  ${path}\n`);
    else left(path);
  }
  io.stderr(NEXT);
  return EXIT.done;
}

/** Whether the file was written; false where there is one. */
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
  1. declare an override in the file under overrides/, and look at what it would do: flagops plan
  2. in the workflow, put in the commit of the newest release of flagops, and your branch where that is not main
  3. on GitHub, make the secret LAUNCHDARKLY_READER_TOKEN, and an environment \`launchdarkly\` that this branch alone
     may use, with the secret LAUNCHDARKLY_WRITER_TOKEN
`;
