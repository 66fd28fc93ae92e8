import { existsSync } from 'node:fs';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { OperatorError } from '../diagnostics/operator-error.js';
import { decode, type Decoded, sizeFault } from '../yaml/decode.js';
import { SourceText } from '../yaml/source.js';
import { type Config, DEFAULT_CONFIG } from './config.js';
import { type DeclarationGlobs, declarationGlobs } from './globs.js';
import type { ParsedConfig } from './parse.js';

/** What a configuration is called, unless `--config` names another file. */
export const CONFIG_NAME = 'flagops.yaml';

/** Where a run looks for files. All paths in messages are relative to `root`. */
export interface Workspace {
  /** Absolute path of the repository's root; outside a repository, of the configuration's folder. */
  readonly root: string;
  /** The configuration's path relative to the root, with `/`, even if it does not exist. */
  readonly configPath: string;
  readonly configExists: boolean;
  /** The folder that globs start from, relative to the root, with `/`. */
  readonly folder: string;
}

/** A configuration file that was read. */
export interface ConfigFile {
  /** Relative to the root, with `/`, and with symbolic links resolved. */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/** A workspace with its configuration; `config` is absent if a diagnostic is an error. */
export interface LoadedConfig {
  readonly workspace: Workspace;
  /** Undefined if there is no file, or it is too large. */
  readonly file?: ConfigFile;
  readonly config?: Config;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Looks for `flagops.yaml` from a folder upward to the root of its repository; outside a repository, only in that folder.
 * Without a file, the defaults apply and globs start from the root.
 * @param cwd absolute path of the folder to start in
 * @param explicit the path given with `--config`
 * @throws OperatorError if that path does not exist, or a file is named almost like the configuration
 */
export function findWorkspace(cwd: string, explicit?: string): Workspace {
  const path = explicit === undefined ? searchUpward(cwd) : resolve(cwd, explicit);
  if (explicit !== undefined && path !== undefined && !existsSync(path)) {
    throw new OperatorError('config-not-found', `the configuration ${explicit} does not exist`, {
      hint: 'correct --config, or leave it out to search upward from here',
    });
  }
  const folder = path === undefined ? (findRepositoryRoot(cwd) ?? cwd) : dirname(path);
  const root = findRepositoryRoot(folder) ?? folder;
  const posix = (absolute: string): string => relative(root, absolute).split(sep).join('/') || '.';
  return {
    root,
    configPath: posix(path ?? join(folder, CONFIG_NAME)),
    configExists: path !== undefined,
    folder: posix(folder),
  };
}

/**
 * Reads the workspace's configuration; without one, returns the defaults.
 * @throws OperatorError if it cannot be read, or is outside the repository, where changes to it are not reviewed
 */
export async function loadConfig(
  workspace: Workspace,
  parse: ConfigParser = parseConfigOnDemand,
): Promise<LoadedConfig> {
  if (!workspace.configExists) return { workspace, config: DEFAULT_CONFIG, diagnostics: [] };
  const { file, decoded } = await readConfig(workspace);
  if (!decoded.ok) {
    const at = { file: workspace.configPath, line: 1, col: 1 };
    const { code, message, hint } = decoded;
    return {
      workspace,
      ...(file && { file }),
      diagnostics: [{ severity: 'error', code, message, hint, at }],
    };
  }
  return {
    workspace,
    ...(file && { file }),
    ...(await parse(new SourceText(workspace.configPath, decoded.text))),
  };
}

/** Parses a configuration, or remembers what it contains. */
export type ConfigParser = (source: SourceText) => Promise<ParsedConfig>;

/** Parses a configuration. The YAML parser is loaded on demand, because that takes long. */
export const parseConfigOnDemand: ConfigParser = async (source) => {
  const { parseConfig } = await import('./parse.js');
  return parseConfig(source);
};

async function readConfig({ root, configPath }: Workspace): Promise<{ file?: ConfigFile; decoded: Decoded }> {
  try {
    const path = await realpath(join(root, configPath));
    const parts = relative(await realpath(root), path).split(sep);
    if (parts.includes('..')) {
      throw new OperatorError(
        'config-outside',
        `${configPath} is a symbolic link to a file outside the repository`,
        {
          hint: 'copy the file into the repository',
        },
      );
    }
    const fault = sizeFault((await stat(path)).size);
    if (fault !== undefined) return { decoded: fault };
    const bytes = await readFile(path);
    return { file: { path: parts.join('/'), bytes }, decoded: decode(bytes) };
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    const reason = (error as NodeJS.ErrnoException).code ?? String(error);
    throw new OperatorError(
      'config-unreadable',
      `the configuration ${configPath} cannot be read: ${reason}`,
      {
        hint: 'make it a file that you can read',
        cause: error,
      },
    );
  }
}

/** The globs of a configuration, relative to its folder. */
export function globsOf(config: Config, workspace: Workspace): DeclarationGlobs {
  return declarationGlobs(config.declarations, workspace.folder);
}

function searchUpward(cwd: string): string | undefined {
  const root = findRepositoryRoot(cwd) ?? cwd;
  for (let folder = cwd; ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_NAME);
    if (existsSync(path)) return path;
    const misnamed = ['flagops.yml', '.flagops.yaml', '.flagops.yml'].find((name) =>
      existsSync(join(folder, name)),
    );
    if (misnamed !== undefined) {
      throw new OperatorError('config-misnamed', `${join(folder, misnamed)} is not read`, {
        hint: `rename it to ${CONFIG_NAME}`,
      });
    }
    if (folder === root) return undefined;
  }
}

/** The nearest folder, from this one upward, that contains `.git`, which is a file in worktrees and submodules. */
function findRepositoryRoot(folder: string): string | undefined {
  for (let candidate = folder; ; candidate = dirname(candidate)) {
    if (existsSync(join(candidate, '.git'))) return candidate;
    if (candidate === dirname(candidate)) return undefined;
  }
}
