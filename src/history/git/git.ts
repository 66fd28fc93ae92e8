import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import type { SimpleGitOptions } from 'simple-git';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { ConfigEntry } from './git-config.js';
import { addSettings, gitEnvironment, identityVariables } from './git-env.js';
import { interruption, wasInterrupted } from './interruption.js';
import { withoutRepositoryPrograms } from './repository-programs.js';

/** Exit codes of a shell whose command was ended by SIGINT or SIGTERM. */
const SIGNAL_EXIT_CODES: ReadonlySet<number> = new Set([130, 143]);

/** Git failed; the message is its error output. */
export class GitFailure extends Error {
  override readonly name = 'GitFailure';
  /** Negative if git could not be started. */
  readonly exitCode: number;
  /** Whether a signal ended git. */
  readonly killed: boolean;

  constructor(exitCode: number, stderr: string) {
    // A process that a signal ended has no exit code, unless a shell between it and us supplies one.
    const killed = !Number.isInteger(exitCode) || SIGNAL_EXIT_CODES.has(exitCode);
    super(killed && stderr === '' ? 'ended by a signal' : stderr);
    this.exitCode = exitCode;
    this.killed = killed;
  }
}

export interface RunOptions {
  /** Written to git's standard input; bytes only without `signal`. */
  readonly input?: string | Uint8Array;
  /** Stops git when it fires; for commands that contact a remote. */
  readonly signal?: AbortSignal;
  /** Whether paths are patterns with git's prefixes such as `:(literal)`; otherwise they are literal. */
  readonly pathspecs?: boolean;
  /** Whether the variables that say who commits are passed on. */
  readonly identity?: boolean;
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
   * Starts git and leaves it running, for `cat-file --batch`: a walk requests one blob after the other and does not know
   * in advance which.
   */
  start(args: readonly string[], environment?: RunOptions['environment']): ChildProcessWithoutNullStreams;
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
  const start: Git['start'] = (args, more) =>
    spawn('git', [...SETTINGS.flatMap((setting) => ['-c', setting]), ...GLOBAL, ...args], {
      cwd: folder,
      env: environmentOf(more),
      stdio: 'pipe',
      windowsHide: true,
      ...(signal === undefined ? {} : { signal }),
    });
  return {
    signal,
    start,
    async run(args, options = {}) {
      if (signal?.aborted === true) throw interruption(undefined, signal);
      const identity = options.identity === true ? identityVariables(process.env) : {};
      const variables = { ...identity, ...options.environment };
      const all = options.pathspecs === true ? ['--no-literal-pathspecs', ...args] : args;
      try {
        return options.signal === undefined
          ? await answerOf(() => start(all, variables), options.input)
          : await runSimpleGit(folder, [...GLOBAL, ...all], environmentOf(variables), {
              input: options.input?.toString(),
              signals: [signal, options.signal],
            });
      } catch (error) {
        const killed = error instanceof GitFailure && error.killed;
        throw (await wasInterrupted(signal, killed)) ? interruption(error, signal) : error;
      }
    },
  };
}

/** Runs a git that was started, and returns its output once it ends. */
function answerOf(start: () => ChildProcessWithoutNullStreams, input: RunOptions['input']): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = start();
    const output: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => output.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    // Git may end before it has read everything. Its exit code says whether that matters.
    child.stdin.on('error', () => {});
    // It could not be started, or the run was interrupted.
    child.once('error', (error) => reject(new GitFailure(-1, String(error))));
    // Git may exit before all of its output is read, so the output is complete only when the pipe is closed.
    child.once('close', (code) => {
      if (code === 0) resolve(Buffer.concat(output));
      else reject(new GitFailure(code ?? Number.NaN, Buffer.concat(errors).toString('utf8')));
    });
    child.stdin.end(input);
  });
}

/**
 * Runs git through simple-git, which stops it reliably. That is for commands that contact a remote: to load simple-git
 * takes as long as three questions to git on this machine.
 */
async function runSimpleGit(
  folder: string,
  args: readonly string[],
  environment: Record<string, string>,
  options: { readonly input: string | undefined; readonly signals: readonly (AbortSignal | undefined)[] },
): Promise<Buffer> {
  const { GitPluginError, simpleGit } = await import('simple-git');
  const chunks: Buffer[] = [];
  let failure: GitFailure | undefined;
  const git = simpleGit({
    baseDir: folder,
    config: SETTINGS,
    unsafe: ALLOWED_UNSAFE,
    allowEnvironment: Object.keys(environment),
    // Children of a git that was stopped may keep the pipe open.
    completion: { onClose: true, onExit: 50 },
    errors: (error, result) => {
      if (result.exitCode === 0 || error instanceof GitPluginError) return error;
      failure = new GitFailure(result.exitCode, Buffer.concat(result.stdErr).toString('utf8'));
      return failure;
    },
    ...(options.input === undefined ? {} : { input: () => options.input }),
    ...abortedBy(...options.signals),
  });
  // The caller decodes the output, because paths may be any bytes.
  git.outputHandler((_command, stdout) => {
    stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  });
  try {
    await git.env(environment).raw([...args]);
  } catch (error) {
    // simple-git wraps errors of other classes.
    throw failure ?? error;
  }
  return Buffer.concat(chunks);
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
  return /^\p{ASCII}*$/u.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}
