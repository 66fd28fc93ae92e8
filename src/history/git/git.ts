import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { GitError, GitPluginError, simpleGit, type SimpleGitOptions } from 'simple-git';
import { OperatorError } from '../../diagnostics/operator-error.js';
import { addSettings, gitEnvironment } from './git-env.js';
import { interruption, isInterruption, wasInterrupted } from './interruption.js';
import { type ConfigEntry, withoutRepositoryPrograms } from './repository-programs.js';

/** Exit codes by which a shell says that SIGINT or SIGTERM ended what it ran. */
const SIGNAL_EXIT_CODES: ReadonlySet<number> = new Set([130, 143]);

/** What git said when it failed. (simple-git lets only its own class of errors through as they are.) */
export class GitFailure extends GitError {
  override readonly name = 'GitFailure';
  /** Negative where git could not be started at all. */
  readonly exitCode: number;
  /** Whether a signal ended it. */
  readonly killed: boolean;

  constructor(exitCode: number, stderr: string) {
    // Of a process that a signal ended there is no exit code, unless a shell stands in between and gives one.
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
  /** More environment variables. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Git in one folder. */
export interface Git {
  /** Aborted when the run is interrupted: it stops git, and keeps it from being started. */
  readonly signal: AbortSignal | undefined;
  /**
   * Runs git and returns its raw output. Throws `GitFailure` for every exit code but 0, and OperatorError `interrupted`
   * if the run was interrupted meanwhile.
   */
  run(args: readonly string[], options?: RunOptions): Promise<Buffer>;
  /**
   * Starts git and leaves it running, for `cat-file --batch`: simple-git closes standard input after the first
   * write, but a walk asks for one blob after the other and cannot know beforehand where it will stop.
   */
  start(args: readonly string[]): ChildProcessWithoutNullStreams;
}

/**
 * For every call: what would change the output that we parse, and what would run a program that no call here needs.
 * `disarm` takes care of the programs that are needed to reach a remote.
 */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  // Microsoft's git asks this program which files there are.
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
 * simple-git refuses these where they might come from data. Here all arguments are our own, and what the environment
 * holds (an SSH command, a credential helper, a rewritten URL) was set by whoever runs flagops, for git to use.
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

/** Paths are names, never patterns. */
const GLOBAL = ['--no-pager', '--literal-pathspecs'];

/**
 * Git in a folder, which must exist. Nothing is run yet.
 *
 * @param signal aborted when the run is interrupted
 * @param config git's configuration there. Without it nothing may be run that reads objects or reaches a remote: git
 *   would start programs that the repository's own configuration names.
 * @throws OperatorError if git cannot be kept from running such a program
 */
export function gitIn(folder: string, signal?: AbortSignal, config: readonly ConfigEntry[] = []): Git {
  const disarmed = withoutRepositoryPrograms(config, process.env);
  const environmentOf = (more: RunOptions['environment'] = {}): Record<string, string> => {
    const environment = { ...gitEnvironment(process.env), ...disarmed.environment };
    addSettings(environment, disarmed.settings);
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
        // Git may be done before all of its output is read; only the closed pipe says that nothing is missing.
        // What is stopped from outside is not waited for, since its children may keep the pipe open.
        completion: { onClose: true, onExit: options.signal === undefined ? false : 50 },
        errors: (error, result) =>
          result.exitCode === 0 || error instanceof GitPluginError
            ? error
            : new GitFailure(result.exitCode, Buffer.concat(result.stdErr).toString('utf8')),
        ...(options.input === undefined ? {} : { input: () => options.input }),
        ...abortedBy(signal, options.signal),
      });
      // Text is decoded by whoever knows what it is: paths may be any bytes.
      git.outputHandler((_command, stdout) => {
        stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
      });
      try {
        await git.env(environment).raw([...GLOBAL, ...args]);
      } catch (error) {
        const killed = error instanceof GitFailure && error.killed;
        throw (await wasInterrupted(signal, killed)) ? interruption(error) : error;
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

/** The same as `run`, with what went wrong as one line for whoever runs flagops. */
export async function mustRun(git: Git, args: readonly string[], options?: RunOptions): Promise<Buffer> {
  try {
    return await git.run(args, options);
  } catch (error) {
    if (isInterruption(error)) throw error;
    throw new OperatorError('git-failed', `git ${args[0] ?? ''} failed: ${gitMessage(error)}`, {
      cause: error,
    });
  }
}

/** What git said, as one line and without what URLs may carry: names, passwords and tokens. */
export function gitMessage(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const lines = text.split('\n').map((line) => line.trim());
  const telling =
    lines.find((line) => /^(?:fatal|error|remote): /.test(line)) ?? lines.find((line) => line !== '');
  return withoutCredentials((telling ?? 'no message').replace(/^(?:fatal|error): /, ''));
}

/** Takes user names, passwords and tokens out of the URLs in a text: what is before the host, and the query. */
export function withoutCredentials(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^\s/]*@/gi, '$1')
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^\s?'"]*)\?[^\s'"]*/gi, '$1');
}

/** Splits output at NUL, one character a byte, so that a path of any bytes stays what it is. */
export function splitNul(output: Buffer): string[] {
  const parts = output.toString('latin1').split('\0');
  if (parts.at(-1) === '') parts.pop();
  return parts;
}

/** Text for people, and for globs, from the characters that `splitNul` gives. */
export function utf8(bytes: string): string {
  // Nearly all paths are ASCII, where both are the same.
  // oxlint-disable-next-line no-control-regex
  return /^[\0-\x7f]*$/.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString('utf8');
}
