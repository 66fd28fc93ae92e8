import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { GitError, GitPluginError, simpleGit, type SimpleGitOptions } from 'simple-git';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { ConfigEntry } from './git-config.js';
import { addSettings, gitEnvironment } from './git-env.js';
import { interruption, wasInterrupted } from './interruption.js';
import { withoutRepositoryPrograms } from './repository-programs.js';

/** Exit codes of a shell whose command was ended by SIGINT or SIGTERM. */
const SIGNAL_EXIT_CODES: ReadonlySet<number> = new Set([130, 143]);

/**
 * Git failed; the message is its error output. It extends simple-git's class because simple-git wraps all other errors.
 *
 * @internal The package has no dependencies, so its types must not name one.
 */
export class GitFailure extends GitError {
  override readonly name = 'GitFailure';
  /** Negative if git could not be started. */
  readonly exitCode: number;
  /** Whether a signal ended git. */
  readonly killed: boolean;

  constructor(exitCode: number, stderr: string) {
    // A process that a signal ended has no exit code, unless a shell between it and us supplies one.
    const killed = !Number.isInteger(exitCode) || SIGNAL_EXIT_CODES.has(exitCode);
    super(undefined, killed && stderr === '' ? 'ended by a signal' : stderr);
    this.exitCode = exitCode;
    this.killed = killed;
  }
}

export interface RunOptions {
  /** Written to git's standard input. */
  readonly input?: string;
  /** Stops git when it fires. */
  readonly signal?: AbortSignal;
  /** Whether paths are patterns with git's prefixes such as `:(literal)`; otherwise they are literal. */
  readonly pathspecs?: boolean;
  /** Additional environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Git in one folder. */
export interface Git {
  /** Aborted when the run is interrupted. That stops git, and prevents further starts. */
  readonly signal: AbortSignal | undefined;
  /**
   * Runs git and returns its raw output.
   *
   * @throws GitFailure for every exit code other than 0
   * @throws OperatorError `interrupted` if the run was interrupted
   */
  run(args: readonly string[], options?: RunOptions): Promise<Buffer>;
  /**
   * Starts git and leaves it running, for `cat-file --batch`. simple-git cannot do this: it closes standard input
   * after the first write, but a walk requests one blob after the other and does not know in advance which.
   */
  start(args: readonly string[]): ChildProcessWithoutNullStreams;
}

/**
 * For every call: neutralises settings that would change the output we parse, or run a program that no call needs.
 * `withoutRepositoryPrograms` handles the programs that are needed to reach a remote.
 */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  // Microsoft's fork of git runs this program to list the files.
  'core.virtualFilesystem=',
  'protocol.ext.allow=never',
  'gc.auto=0',
  'maintenance.auto=false',
  'submodule.recurse=false',
  'log.showSignature=false',
  'log.showRoot=true',
  'log.follow=false',
];

/**
 * simple-git refuses these because they could come from untrusted data. Here all arguments are ours, and what is in the
 * environment (an SSH command, a credential helper, a rewritten URL) was set by the user, for git to use.
 */
const ALLOWED_UNSAFE = {
  allowUnsafeAlias: true,
  allowUnsafeAskPass: true,
  allowUnsafeCommandBinaries: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeDiffExternal: true,
  allowUnsafeDiffTextConv: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeFilter: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeGitProxy: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeHooksPath: true,
  allowUnsafeInclude: true,
  allowUnsafeMergeDriver: true,
  allowUnsafePack: true,
  allowUnsafePager: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeSshCommand: true,
  allowUnsafeSubmodule: true,
  allowUnsafeTemplateDir: true,
  allowUnsafeUrlRewrite: true,
} as const satisfies NonNullable<SimpleGitOptions['unsafe']>;

/** Paths are literal, never patterns. */
const GLOBAL = ['--no-pager', '--literal-pathspecs'];

/**
 * Git in a folder, which must exist. Does not run git yet.
 *
 * @param signal aborted when the run is interrupted
 * @param config git's configuration there. Without it, run nothing that reads objects or contacts a remote, because git
 *   would start programs that the repository's own configuration names.
 * @throws OperatorError if git cannot be prevented from starting such a program
 */
export function gitIn(folder: string, signal?: AbortSignal, config: readonly ConfigEntry[] = []): Git {
  const safe = withoutRepositoryPrograms(config, process.env);
  const environmentOf = (more: RunOptions['environment'] = {}): Record<string, string> => {
    const environment = { ...gitEnvironment(process.env), ...safe.environment };
    addSettings(environment, safe.settings);
    return { ...environment, ...more };
  };
  return {
    signal,
    async run(args, options = {}) {
      const environment = environmentOf(options.environment);
      const chunks: Buffer[] = [];
      const git = simpleGit({
        baseDir: folder,
        config: SETTINGS,
        unsafe: ALLOWED_UNSAFE,
        allowEnvironment: Object.keys(environment),
        // Git may exit before all of its output is read, so the output is complete only when the pipe is closed. A
        // command with a timeout does not wait for that, because children of a stopped git may keep the pipe open.
        completion: { onClose: true, onExit: options.signal === undefined ? false : 50 },
        errors: (error, result) =>
          result.exitCode === 0 || error instanceof GitPluginError
            ? error
            : new GitFailure(result.exitCode, Buffer.concat(result.stdErr).toString('utf8')),
        ...(options.input === undefined ? {} : { input: () => options.input }),
        ...abortedBy(signal, options.signal),
      });
      // The caller decodes the output, because paths may be any bytes.
      git.outputHandler((_command, stdout) => {
        stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      });
      try {
        const literal = options.pathspecs === true ? ['--no-literal-pathspecs'] : [];
        await git.env(environment).raw([...GLOBAL, ...literal, ...args]);
      } catch (error) {
        const killed = error instanceof GitFailure && error.killed;
        throw (await wasInterrupted(signal, killed)) ? interruption(error, signal) : error;
      }
      return Buffer.concat(chunks);
    },
    start(args) {
      const settings = SETTINGS.flatMap((setting) => ['-c', setting]);
      return spawn('git', [...settings, ...GLOBAL, ...args], {
        cwd: folder,
        env: environmentOf(),
        stdio: 'pipe',
        windowsHide: true,
        ...(signal === undefined ? {} : { signal }),
      });
    },
  };
}

function abortedBy(...signals: readonly (AbortSignal | undefined)[]): { abort?: AbortSignal } {
  const [first, ...others] = signals.filter((signal) => signal !== undefined);
  if (first === undefined) return {};
  return { abort: others.length === 0 ? first : AbortSignal.any([first, ...others]) };
}

/** The same as `run`, but a failure becomes an OperatorError with a one-line message. */
export async function mustRun(git: Git, args: readonly string[], options?: RunOptions): Promise<Buffer> {
  try {
    return await git.run(args, options);
  } catch (error) {
    if (error instanceof OperatorError) throw error;
    throw gitFailed(`git ${args[0] ?? ''} failed`, error);
  }
}

/** The error for a git command that failed, with a remedy if the reason is a damaged file. */
export function gitFailed(what: string, error: unknown): OperatorError {
  const message = gitMessage(error);
  const isDamaged = message.includes('packed-refs');
  const hint = 'delete that line of packed-refs, then run again: the ref is fetched from the remote';
  return new OperatorError('git-failed', `${what}: ${message}`, {
    ...(isDamaged ? { hint } : {}),
    cause: error,
  });
}

/** Git's most useful line of error output, without credentials in URLs. */
export function gitMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').map((line) => line.trim());
  const relevant =
    lines.find((line) => /^(?:fatal|error|remote): /.test(line)) ?? lines.find((line) => line !== '');
  return withoutCredentials((relevant ?? 'no message').replace(/^(?:fatal|error): /, ''));
}

/** Removes user names, passwords and tokens from the URLs in a text: the part before the host, and the query. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1')
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?'"]*)\?[^\s'"]*/gi, '$1');
}

/** Splits output at NUL, with one character for each byte, so that paths that are not UTF-8 are preserved. */
export function splitNul(output: Buffer): string[] {
  const parts = output.toString('latin1').split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

/** Decodes UTF-8 from text with one character for each byte, as `splitNul` returns it. */
export function utf8(bytes: string): string {
  // Nearly all paths are ASCII and need no decoding.
  // oxlint-disable-next-line no-control-regex
  return /^[\0-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}
