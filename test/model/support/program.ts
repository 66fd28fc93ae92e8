import { setImmediate as macrotask } from 'node:timers/promises';
import { runCommandLine } from '../../../src/cli/run.js';
import { type Clock, systemClock } from '../../../src/launchdarkly/clock.js';
import type { Streams } from '../../../src/terminal/streams.js';
import { terminalIo } from '../../../src/terminal/terminal.js';
import { withEnvironment } from '../../support/borrowed-env.js';

export interface ProgramRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A clock that does not wait: a sleep moves its time forward. Every run in this process shares it. */
export class JumpingClock implements Clock {
  #now: number;

  constructor(now: number) {
    this.#now = now;
  }

  now(): number {
    return this.#now;
  }

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    await macrotask();
    signal?.throwIfAborted();
    this.#now += Math.max(1, ms);
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  random(): number {
    return 0.5;
  }
}

/** Replaces the clock of the program until the returned function is called. */
export function installClock(clock: Clock): () => void {
  const original = { ...systemClock };
  systemClock.now = () => clock.now();
  systemClock.sleep = (ms, signal) => clock.sleep(ms, signal);
  systemClock.random = () => clock.random();
  return () => void Object.assign(systemClock, original);
}

const { PATH } = process.env;

/** The environment of every run, without token and URL. */
export function environmentOf(): Record<string, string> {
  return {
    ...(PATH === undefined ? {} : { PATH }),
    HOME: '/nonexistent',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

/** Runs the command line in this process. Throws if the output contains the token or a stack trace. */
export async function runProgram(
  args: readonly string[],
  options: {
    readonly cwd: string;
    readonly url: string;
    /** No output may contain it. */
    readonly token: string;
    readonly signal?: AbortSignal;
    readonly now: () => number;
  },
): Promise<ProgramRun> {
  let stdout = '';
  let stderr = '';
  const streams: Streams = {
    stdout: (text) => (stdout += text),
    stderr: (text) => (stderr += text),
    settle: async () => undefined,
  };
  const shared = environmentOf();
  const env = { ...shared, LAUNCHDARKLY_ACCESS_TOKEN: options.token, LAUNCHDARKLY_BASE_URL: options.url };
  const { stdin, stdout: out, stderr: err } = process;
  const standIn = { stdin, stdout: out, stderr: err, env, cwd: () => options.cwd };
  const io = {
    ...terminalIo(standIn, streams, options.signal ?? new AbortController().signal),
    now: options.now,
    interactive: false,
  };
  const code = await withEnvironment(shared, () => runCommandLine(args, io, env));
  const output = stdout + stderr;
  if (output.includes(options.token)) throw new Error(`the token is in the output of ${args.join(' ')}`);
  if (/^\s+at .*[:(]/m.test(output))
    throw new Error(`a stack trace in the output of ${args.join(' ')}:\n${output}`);
  return { code, stdout, stderr };
}
