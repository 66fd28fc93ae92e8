import { spawn } from 'node:child_process';
import { gitEnvironment } from './repository.js';

export interface CliRun {
  /** Path of the built `cli.js`. */
  readonly cli: string;
  readonly cwd: string;
  /** The simulator. */
  readonly url: string;
  readonly token: string;
  /** The width of the terminal in which the output will be shown; undefined for none. */
  readonly columns: number | undefined;
  readonly signal: AbortSignal;
}

/**
 * Runs flagops as a child process. Returns what it prints on standard output, as it would print it in a terminal of this
 * width.
 * @param args separated by spaces
 * @throws if its exit code is not `expected`, and if the signal aborts
 */
export async function runFlagops(args: string, expected: number, run: CliRun): Promise<string> {
  const { cli, cwd, url, token, columns, signal } = run;
  const child = spawn(process.execPath, [...imitateTerminal(columns), cli, ...args.split(' ')], {
    cwd,
    env: { ...gitEnvironment, LAUNCHDARKLY_ACCESS_TOKEN: token, LAUNCHDARKLY_BASE_URL: url },
    // `apply` shows its plan on standard error first, which would repeat the output of `plan` here.
    stdio: ['ignore', 'pipe', 'pipe'],
    signal,
  });
  const stdout: string[] = [];
  const stderr: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => stdout.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text));
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  signal.throwIfAborted();
  if (code === expected) return stdout.join('');
  throw new Error(`flagops ${args} ended with ${code}, not ${expected}\n${stderr.join('')}`);
}

/**
 * Options of Node.js that make a pipe look like a terminal. The output has to pass through a pipe, so that the demo can
 * pause in it, but it should have the colours and line breaks of a terminal.
 */
function imitateTerminal(columns: number | undefined): readonly string[] {
  if (columns === undefined) return [];
  const script = `Object.assign(process.stdout, { isTTY: true, columns: ${columns} })`;
  return ['--import', `data:text/javascript,${encodeURIComponent(script)}`];
}
