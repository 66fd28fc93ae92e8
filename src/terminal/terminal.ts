import { createInterface } from 'node:readline';
import { OperatorError } from '../diagnostics/operator-error.js';
import type { Sink } from '../files/sink.js';
import { reasonOf } from '../files/unsafe-path.js';
import { openReplacement } from '../files/user-file.js';
import { SecretMask } from '../security/secret-mask.js';
import type { Io } from './io.js';
import type { Streams } from './streams.js';

/** What of a process a command may touch. */
export type Process = Pick<NodeJS.Process, 'stdin' | 'stdout' | 'stderr' | 'env' | 'cwd'>;

/** The surroundings of a command that runs in a process. */
export interface TerminalIo extends Io {
  /** Masks secrets in text that does not go to `stdout` and `stderr`. */
  readonly mask: (text: string) => string;
}

/** Connects a command with a process. All that is written passes here, so this is where the token is masked at last. */
export function terminalIo(process: Process, streams: Streams, signal: AbortSignal): TerminalIo {
  const { env, stdin, stdout, stderr } = process;
  const mask = new SecretMask(env['LAUNCHDARKLY_ACCESS_TOKEN']);
  const masked = { stdout: mask.inPieces(), stderr: mask.inPieces() };
  const colored = (stream: NodeJS.WriteStream): boolean =>
    stream.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return {
    get cwd() {
      return workingDirectory(process);
    },
    stdout: (text, options) => streams.stdout(masked.stdout(text), options),
    stderr: (text) => streams.stderr(masked.stderr(text)),
    color: { stdout: colored(stdout), stderr: colored(stderr) },
    columns: { stdout: widthOf(stdout), stderr: widthOf(stderr) },
    interactive: stdin.isTTY,
    progress: stderr.isTTY ? stderr : undefined,
    now: Date.now,
    signal,
    ask: (question) => ask(question, process, signal),
    mask: (text) => mask.text(text),
  };
}

/** Asked for when a command runs, so that an error is reported like any other. */
function workingDirectory(process: Process): string {
  try {
    return process.cwd();
  } catch (cause) {
    throw new OperatorError('no-folder', `the current folder cannot be found: ${reasonOf(cause)}`, {
      hint: 'it may have been deleted; change to another one',
      cause,
    });
  }
}

/** Some terminals do not know how wide they are, and say 0. */
function widthOf(stream: NodeJS.WriteStream): number | undefined {
  return stream.isTTY && stream.columns > 0 ? stream.columns : undefined;
}

/** Ctrl-C ends the run here too: on a terminal it reaches us as a key and not as a signal. Ctrl-D is no answer. */
async function ask(question: string, { stdin, stderr }: Process, signal: AbortSignal): Promise<string> {
  const lines = createInterface({ input: stdin, output: stderr });
  try {
    return await new Promise<string>((answer, giveUp) => {
      const interrupt = (): void =>
        giveUp(new OperatorError('interrupted', 'interrupted', { hint: 'nothing was applied' }));
      lines.once('SIGINT', interrupt);
      signal.addEventListener('abort', interrupt, { once: true });
      lines.once('close', () => answer(''));
      lines.question(question, answer);
    });
  } catch (error) {
    stderr.write('\n');
    throw error;
  } finally {
    lines.close();
  }
}

/**
 * The same, but with results going into a file. If they cannot in the end, they are on standard error when that is
 * thrown.
 * @throws OperatorError where that file cannot be written: now, and not when everything is done
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
