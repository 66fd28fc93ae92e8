import { CommanderError } from 'commander';
import type { Io } from '../commands/io.js';
import { terminalIo } from '../commands/terminal.js';
import { buildProgram } from './program.js';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
// A reader that has seen enough (`flagops plan | head`) is no error, and must not end an apply half-way.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
  });
}
const io = terminalIo(process, interruption.signal);

async function main(args: readonly string[]): Promise<number> {
  let code = 0;
  const program = buildProgram({
    io,
    env: process.env,
    finish: (result) => {
      code = result;
    },
  });
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    await report(error, program.opts<{ debug?: boolean }>().debug === true, io);
    return isInterruption(error) ? 130 : 1;
  }
}

/** Ctrl-C before the first write: what was under way threw this. */
function isInterruption(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'interrupted';
}

async function report(error: unknown, debug: boolean, { stderr, color }: Io): Promise<void> {
  const { errorText } = await import('../report/error.js');
  stderr(errorText(error, { debug, color: color.stderr }));
}

process.exitCode = await main(process.argv.slice(2));
