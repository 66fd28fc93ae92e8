import type { ResultOptions } from './streams.js';

/** A terminal on which a line can be rewritten. */
export interface StatusStream {
  /** Its width at the moment; 0 if it is unknown. */
  readonly columns: number;
  readonly write: (text: string) => unknown;
}

/** The parts of the process that a command uses: working directory, streams, clock and interruption. */
export interface Io {
  /** Absolute path of the working directory. */
  readonly cwd: string;
  /** Writes results. */
  readonly stdout: (text: string, options?: ResultOptions) => void;
  /** Writes everything else: notices, progress, errors. */
  readonly stderr: (text: string) => void;
  /** Whether each stream may be coloured. */
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
  /** Width of the terminal behind each stream; undefined if it is not a terminal or the width is unknown. */
  readonly columns: { readonly stdout: number | undefined; readonly stderr: number | undefined };
  /** Whether standard input is a terminal, so that questions can be asked. */
  readonly interactive: boolean;
  /** Where to draw a progress bar; undefined if standard error is not a terminal that can rewrite a line. */
  readonly progress: StatusStream | undefined;
  /** The file that results go to, as it was named; absent for standard output. */
  readonly resultFile?: string;
  /** The current time in epoch milliseconds. */
  readonly now: () => number;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Asks a question on the terminal. Resolves with the line that was typed, `''` for end of input. */
  readonly ask: (question: string) => Promise<string>;
}
