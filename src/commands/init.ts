import { join } from 'node:path';
import { findWorkspace } from '../config/find.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { createFile } from '../files/new-file.js';
import { reasonOf, UnsafePath } from '../files/unsafe-path.js';
import { guessDefaultBranch } from '../history/git/default-branch.js';
import { findRepository } from '../history/git/repository.js';
import { declaredScopes } from '../planning/declared-scopes.js';
import {
  configurationText,
  firstDeclaration,
  firstPath,
  type ScaffoldScope,
  WORKFLOW,
  WORKFLOW_PATH,
  workflowFor,
} from '../scaffold/files.js';
import type { Io } from '../terminal/io.js';
import { importLive } from './import.js';

const KEY = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

export interface InitOptions {
  /** A scope that is not declared yet. Without either, the declared scopes, or else `default/production`. */
  readonly project: string | undefined;
  readonly environment: string | undefined;
  /** From `LAUNCHDARKLY_ACCESS_TOKEN`; with it, the import is offered on a terminal. */
  readonly token: string | undefined;
  readonly baseUrl: string | undefined;
}

/** A file to create: its path from the repository's root, and its text. */
type NewFile = readonly [path: string, text: string];

/**
 * `flagops init`: creates a configuration, a first declaration and the workflow at the root of the repository, or in the
 * working directory outside git. Existing files are kept. The configuration lists the scopes that existing declarations
 * name. If there is a configuration, no declaration is added, since the configuration may not allow it. Returns the exit
 * code.
 * @throws OperatorError `init-key` for an invalid key, `init-unwritable` if a file cannot be written, and as
 *   `findRepository` does if git refuses the repository
 */
export async function init(options: InitOptions, io: Io): Promise<ExitCode> {
  checkKeys(options);
  const { root, configExists, configPath } = findWorkspace(io.cwd);
  // Throws if git refuses the repository: then flagops must not write to it either.
  const repository = await findRepository(root, io.signal);
  const branch = repository && (await guessDefaultBranch(repository.git));
  const workflow = branch === undefined ? undefined : workflowFor(branch);
  const reportKept = (path: string): void => io.stdout(`kept     ${path} (already exists)\n`);
  if (configExists) reportKept(configPath);
  const configuration = configExists ? [] : await newConfiguration(options, io);
  for (const [path, text] of [...configuration, [WORKFLOW_PATH, workflow ?? WORKFLOW] as const]) {
    if (writeNew(root, path, text)) io.stdout(`written  ${path}\n`);
    else reportKept(path);
  }
  if (io.interactive && options.token !== undefined && (await wantsImport(io))) {
    const everything = { projects: [], environments: [] };
    const { token, baseUrl } = options;
    const code = await importLive(
      {
        token,
        baseUrl,
        config: undefined,
        selection: everything,
        filter: { flags: [], contexts: [] },
        split: [],
        force: false,
        format: 'text',
      },
      io,
    );
    if (code !== EXIT.done) return code;
  }
  io.stderr(next(workflow === undefined ? undefined : branch));
  return EXIT.done;
}

function checkKeys({ project, environment }: InitOptions): void {
  for (const [option, key] of Object.entries({ project, environment })) {
    if (key === undefined || KEY.test(key)) continue;
    throw new OperatorError('init-key', `--${option} ${key} is not a valid LaunchDarkly key`, {
      hint: 'copy the key from LaunchDarkly: it has letters, digits, dots, dashes and underscores',
    });
  }
}

/** The configuration, which allows everything that is declared; and a first declaration for a scope that has none. */
async function newConfiguration(options: InitOptions, io: Io): Promise<readonly NewFile[]> {
  const declared = await declaredScopes({ cwd: io.cwd, allowEmpty: true, now: io.now(), signal: io.signal });
  if (declared === undefined) {
    io.stderr('the declarations are not valid, so the configuration lists no scopes: see flagops validate\n');
    return [['flagops.yaml', configurationText([])]];
  }
  const isNamed = options.project !== undefined || options.environment !== undefined;
  const named = {
    project: options.project ?? declared[0]?.project ?? 'default',
    environment: options.environment ?? 'production',
  };
  const isNew =
    (declared.length === 0 || isNamed) &&
    !declared.some(
      ({ project, environment }) => project === named.project && environment === named.environment,
    );
  const folder = `overrides/${named.environment}/**`;
  const scopes: readonly ScaffoldScope[] = [
    ...declared.map((scope) => ({ ...scope, files: scope.files === undefined ? undefined : [scope.files] })),
    ...(isNew ? [{ ...named, files: [folder] }] : []),
  ];
  const first: readonly NewFile[] = isNew
    ? [[firstPath(named.environment), firstDeclaration(named.project, named.environment)]]
    : [];
  return [['flagops.yaml', configurationText(scopes)], ...first];
}

async function wantsImport(io: Io): Promise<boolean> {
  const typed = await io.ask('Import the overrides that are live in these scopes now? [y/N] ');
  return /^y(?:es)?$/i.test(typed.trim());
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

/** @param branch the branch that the workflow names; undefined if that is only a guess */
function next(branch: string | undefined): string {
  const pin = 'In the workflow, pin flagops to the commit of its newest release';
  const workflow =
    branch === undefined
      ? `${pin}, and change main if your default branch has another name.`
      : `${pin}. It runs for the branch ${branch}.`;
  return `
Next:
  1. Write declarations for the overrides that are live already: flagops import
  2. Declare an override in a file under overrides/, and see what it would change: flagops plan
  3. ${workflow}
  4. On GitHub, create the secret LAUNCHDARKLY_READER_TOKEN, and an environment \`launchdarkly\` that only this branch
     can use, with the secret LAUNCHDARKLY_WRITER_TOKEN.
  5. In .github/CODEOWNERS, name the reviewers of each folder in overrides/, and below that the reviewers of
     .gitattributes, flagops.yaml and /.github/. Require their review in the rules of this branch.
`;
}
