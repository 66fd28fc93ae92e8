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
  /** Null if a signal ended it. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface CliOptions {
  readonly cwd: string;
  /** Environment variables, in addition to the few that every run gets; undefined removes one of those. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** A program to start instead of Node with the CLI; `args` are its arguments. */
  readonly command?: string;
  /** When `seen` appears on standard output, types `typed` on standard input. Without it standard input is empty. */
  readonly typing?: readonly [seen: string, typed: string];
  /** Whether it leads a new process group, like a program started from a terminal. */
  readonly ownGroup?: boolean;
}

/** A run in progress. */
export interface Running {
  readonly child: ChildProcess;
  readonly done: Promise<Run>;
}

/** Read once: another run may have borrowed the environment when it is needed. */
const { PATH } = process.env;

/** An environment without the developer's variables: no CI, token, proxy or git configuration. */
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

/** Runs the command line to its end, in this process if possible: starting a process takes longer than most runs. */
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
  const standIn = { stdin, stdout: out, stderr: err, env, cwd: () => options.cwd };
  const io = terminalIo(standIn, streams, new AbortController().signal);
  const code = await withEnvironment(inherited(env), () => runCommandLine(args, io, env));
  return checked({ code, stdout, stderr }, args, env);
}

/** The variables that child processes inherit. flagops' own are passed to commands as an argument instead. */
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

/** Whether `startOnTerminal` works here: it needs `script` of util-linux. */
export const hasTerminal = spawnSync('script', ['--version']).status === 0;

/** Starts the command line on a new terminal, where standard output and standard error are one stream. */
export function startOnTerminal(args: readonly string[], options: CliOptions): Running {
  const quoted = [process.execPath, CLI, ...args].map((word) => `'${word.replaceAll("'", `'\\''`)}'`);
  return startCli(['-qec', quoted.join(' '), '/dev/null'], { ...options, command: 'script' });
}

/** Checks every run of every test: the token is not in the output, and there is no stack trace. */
function checked(run: Run, args: readonly string[], env: Readonly<Record<string, string>>): Run {
  const output = `${run.stdout}${run.stderr}`;
  const token = (env['LAUNCHDARKLY_ACCESS_TOKEN'] ?? '').trim();
  if (token.length >= 8) expect(output).not.toContain(token);
  if (!args.includes('--debug')) expect(output).not.toMatch(/^\s+at .*[:(]/m);
  return run;
}
