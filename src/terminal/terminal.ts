import { createInterface } from 'node:readline';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { Sink } from '../files/sink.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openReplacement } from '../files/user-file.js';
import { SecretMask } from '../security/secret-mask.js';
import type { Io } from './io.js';
import type { Streams } from './streams.js';

/** The part of a process that a command may use. */
export type Process = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env' | 'cwd'>;

/** The `Io` of a command that runs in a terminal. */
export interface TerminalIo extends Io {
  /** Masks secrets in text that is written anywhere other than `stdout` and `stderr`. */
  readonly mask: (text: string) => string;
  /** Writes to standard error without masking anything. Only for text that is public, whatever the token is. */
  readonly publicStderr: (text: string) => void;
}

/** Connects a command to a process. All output passes through here, so the token is masked here once more. */
export function terminalIo(process: Process, streams: Streams, signal: AbortSignal): TerminalIo {
  const { env, stdin, stdout, stderr } = process;
  const mask = new SecretMask(env['LAUNCHDARKLY_ACCESS_TOKEN']);
  const masked = { stdout: mask.inPieces(), stderr: mask.inPieces() };
  const colored = (stream: NodeJS.WriteStream): boolean => isTerminal(stream) && !refusesColor(env);
  return {
    get cwd() {
      return workingDirectory(process);
    },
    stdout: (text, options) => streams.stdout(masked.stdout(text), options),
    stderr: (text) => streams.stderr(masked.stderr(text)),
    color: { stdout: colored(stdout), stderr: colored(stderr) },
    columns: { stdout: widthOf(stdout), stderr: widthOf(stderr) },
    interactive: isTerminal(stdin),
    progress: isTerminal(stderr) && env['TERM'] !== 'dumb' ? stderr : undefined,
    now: Date.now,
    signal,
    ask: (question) => ask(question, process, signal),
    mask: (text) => mask.text(text),
    publicStderr: streams.stderr,
  };
}

/** Only whether colours are unwanted: other values of `FORCE_COLOR` would put them into pipes and files. */
function refusesColor(env: NodeJS.ProcessEnv): boolean {
  const isUnwanted = /^(?:0|false)$/i.test(env['FORCE_COLOR'] ?? '');
  return isUnwanted || (env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb';
}

/** Read when a command runs, not at start-up, so that an error is reported like any other. */
function workingDirectory(process: Process): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new OperatorError('no-folder', `cannot find the current folder: ${reasonOf(cause)}`, {
      hint: 'it may have been deleted; change to another folder',
      cause,
    });
  }
}

/** A pipe has no `isTTY` at all. Passed on, that would leave it to the colour library to decide, which colours in CI. */
function isTerminal(stream: { readonly isTTY?: boolean }): boolean {
  return stream.isTTY === true;
}

/** Undefined if the stream is not a terminal, or a terminal that reports a width of 0 because it does not know. */
function widthOf(stream: NodeJS.WriteStream): number | undefined {
  return isTerminal(stream) && stream.columns > 0 ? stream.columns : undefined;
}

/** Ctrl-C ends the run here too: readline receives it as a key, not as a signal. Ctrl-D counts as an empty answer. */
async function ask(question: string, { stdin, stderr }: Process, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return await new Promise<string>((resolve, reject) => {
      const interrupt = (): void =>
        reject(new OperatorError('interrupted', 'interrupted', { hint: 'nothing was applied' }));
      lines.once('SIGINT', interrupt);
      signal.addEventListener('abort', interrupt, { once: true });
      lines.once('close', () => resolve(''));
      lines.question(question, resolve);
    });
  } catch (error) {
    stderr.write('\n');
    throw error;
  } finally {
    lines.close();
  }
}

/**
 * Returns an `Io` whose results go to a file. If a result cannot be written later, `stdout` writes it to standard error
 * and throws an OperatorError.
 * @param path the file, from the working directory; undefined leaves `io` as it is
 * @throws OperatorError at once if the file cannot be opened, rather than after the work is done
 */
export function withOutFile(io: TerminalIo, path: string | undefined): Io {
  if (path === undefined) return io;
  const explain = (cause: unknown, hint: string): OperatorError =>
    new OperatorError('out-unwritable', `cannot write ${path}: ${reasonOf(cause)}`, { hint, cause });
  const hint = 'name another file with --out';
  let file: Sink;
  try {
    file = openReplacement(io.cwd, path);
  } catch (error) {
    throw explain(error, hint);
  }
  return {
    ...io,
    resultFile: path,
    color: { ...io.color, stdout: false },
    columns: { ...io.columns, stdout: undefined },
    stdout: (text) => {
      try {
        file.add(io.mask(text));
      } catch (error) {
        io.stderr(text);
        throw explain(error, `${hint}; the result is above`);
      }
    },
  };
}
