import { CommanderError } from 'commander';
import { OperatorError } from '../diagnostics/operator-error.js';
import { EXIT } from '../exit-codes.js';
import type { TerminalIo } from '../terminal/terminal.js';
import type { EnvironmentVariables } from './arguments.js';
import { buildProgram } from './program.js';

/**
 * Runs one command line. Reports errors on standard error.
 * @param args the arguments after the program's name
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
    // Commander would print the whole help for options alone, too, which hides that something is missing.
    const { operands, unknown } = program.parseOptions([...args]);
    if (args.length > 0 && operands.length === 0 && unknown.length === 0)
      program.error('error: no command given (flagops --help lists the commands)');
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode;
    await report(error, program.opts<{ debug?: boolean }>().debug === true, io);
    return isInterruption(error) ? EXIT.interrupted : EXIT.failed;
  }
}

/** Whether Ctrl-C ended the command before its first write. After that, the command itself returns 130. */
function isInterruption(error: unknown): boolean {
  return error instanceof OperatorError && error.code === 'interrupted';
}

async function report(error: unknown, debug: boolean, { stderr, color, columns }: TerminalIo): Promise<void> {
  const { errorText } = await import('../report/error-text.js');
  stderr(errorText(error, { debug, color: color.stderr, columns: columns.stderr }));
}
