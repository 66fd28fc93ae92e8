import { CommanderError } from 'commander';
import type { Io } from '../commands/io.js';
import { openStreams } from '../commands/streams.js';
import { terminalIo } from '../commands/terminal.js';
import { buildProgram } from './program.js';

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interruption.abort());
const streams = openStreams(process);
const io = terminalIo(process, streams, interruption.signal);

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
await streams.settle();
