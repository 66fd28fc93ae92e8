import type { TerminalIo } from '../terminal/terminal.js';
import type { EnvironmentVariables } from './arguments.js';

/** The parts of the process that the commands need. */
export interface ProgramContext {
  readonly io: TerminalIo;
  readonly env: EnvironmentVariables;
  /** Receives the exit code of the command. */
  readonly finish: (code: number) => void;
}
