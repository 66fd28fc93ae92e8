import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { tmpdir } from 'node:os';
import { expect } from 'vitest';
import { runCommandLine } from '../../src/cli/run.js';
import type { Streams } from '../../src/terminal/streams.js';
import { terminalIo } from '../../src/terminal/terminal.js';
import { withEnvironment } from './borrowed-env.js';
import { CLI } from './built.js';

export { CLI };

/** How a run of the command line ended. */
export interface Run {
  /** Null where a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  /** All that it sees besides what finding programs takes; undefined takes a variable away. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Started in its place, with the path of the command line among the arguments. */
  readonly command?: string;
  /** Types on its standard input, which is otherwise at its end: when the text on the left appears, the one on the right. */
  readonly typing?: readonly [seen: string, typed: string];
  /** Whether it leads a process group of its own, as what is started on a terminal does. */
  readonly ownGroup?: boolean;
}

/** A run that is still going on. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Run>;
}

/** Read once: another run may have borrowed the environment when it is needed. */
const { PATH } = process.env;

/** Nothing of whoever runs the tests comes through: no CI, no token, no proxy, no configuration of git. */
export function isolated(env: CliOptions['env'] = {}): Record<string, string> {
  const all: Record<string, string | undefined> = {
    PATH,
    HOME: tmpdir(),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    ...env,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** Runs the command line to its end, in this process where that is possible: starting one costs more than most runs. */
export async function runCli(args: readonly string[], options: CliOptions): Promise<Run> {
  const { command, typing, ownGroup } = options;
  if (command !== undefined || typing !== undefined || ownGroup === true) return startCli(args, options).done;
  const env = isolated(options.env);
  let stdout = '';
  let stderr = '';
  const streams: Streams = {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    settle: async () => undefined,
  };
  const { stdin, stdout: out, stderr: err } = process;
  const surroundings = { stdin, stdout: out, stderr: err, env, cwd: () => options.cwd };
  const io = terminalIo(surroundings, streams, new AbortController().signal);
  const code = await withEnvironment(inherited(env), () => runCommandLine(args, io, env));
  return checked({ code, stdout, stderr }, args, env);
}

/** What is not for flagops itself: commands get that as an argument. */
function inherited(env: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith('LAUNCHDARKLY_')));
}

/** Starts the command line as a child process. */
export function startCli(args: readonly string[], options: CliOptions): Running {
  const env = isolated(options.env);
  const [command, before] = options.command === undefined ? [process.execPath, [CLI]] : [options.command, []];
  const child = spawn(command, [...before, ...args], {
    cwd: options.cwd,
    env,
    detached: options.ownGroup ?? false,
    stdio: [options.typing === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  const [, typed = ''] = options.typing ?? [];
  let seen = options.typing?.[0];
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    if (seen === undefined || !stdout.includes(seen)) return;
    seen = undefined;
    child.stdin?.write(typed);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const done = new Promise<Run>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
  return { child, done: done.then((run) => checked(run, args, env)) };
}

/** Whether `startOnTerminal` can make a terminal here: with the `script` of util-linux. */
export const hasTerminal = spawnSync('script', ['--version']).status === 0;

/** Starts the command line on a terminal of its own, where standard output and standard error are one. */
export function startOnTerminal(args: readonly string[], options: CliOptions): Running {
  const quoted = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return startCli(['-qec', quoted.join(' '), '/dev/null'], { ...options, command: 'script' });
}

/** What holds of every run of every test: the token is nowhere, and users see no stack traces. */
function checked(run: Run, args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const output = `${run.stdout}${run.stderr}`;
  const token = (env['LAUNCHDARKLY_ACCESS_TOKEN'] ?? '').trim();
  if (token.length >= 8) expect(output).not.toContain(token);
  if (!args.includes('--debug')) expect(output).not.toMatch(/^\s+at .*[:(]/m);
  return run;
}
