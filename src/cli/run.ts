import { CommanderError } from 'commander';
import { EXIT } from '../exit-codes.js';
import type { TerminalIo } from '../terminal/terminal.js';
import type { EnvironmentVariables } from './flags.js';
import { buildProgram } from './program.js';

/**
 * Runs one command line. Errors are reported on standard error.
 * @param args what follows the name of the program
 * @returns the exit code
 */
export async function runCommandLine(
  args: readonly string[],
  io: TerminalIo,
  env: EnvironmentVariables,
): Promise<number> {
  let code: number = EXIT.done;
  const program = buildProgram({
    io,
    env,
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
    return isInterruption(error) ? EXIT.interrupted : EXIT.failed;
  }
}

/** Ctrl-C before the first write: what was under way threw this. */
function isInterruption(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'interrupted';
}

async function report(error: unknown, debug: boolean, { stderr, color }: TerminalIo): Promise<void> {
  const { errorText } = await import('../report/error-text.js');
  stderr(errorText(error, { debug, color: color.stderr }));
}
