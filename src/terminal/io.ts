import type { ResultOptions } from './streams.js';

/** How a command reaches its surroundings; made by the shell that runs it. */
export interface Io {
  /** Absolute path of the folder the command runs in. */
  readonly cwd: string;
  /** Results. */
  readonly stdout: (text: string, options?: ResultOptions) => void;
  /** Everything else. */
  readonly stderr: (text: string) => void;
  /** Whether results, and whether everything else, may be coloured. */
  readonly color: { readonly stdout: boolean; readonly stderr: boolean };
  /** How wide the terminal is that they go to; undefined where they go elsewhere. */
  readonly columns: { readonly stdout: number | undefined; readonly stderr: number | undefined };
  /** Whether a person sits at standard input. */
  readonly interactive: boolean;
  /** Where a progress bar may be drawn; undefined where nobody watches. */
  readonly progress: NodeJS.WritableStream | undefined;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Asks a question on a terminal and gives the line that was typed. */
  readonly ask: (question: string) => Promise<string>;
}
