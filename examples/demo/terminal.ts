import type { Terminal } from './screen.js';

/** Why the demo ends early: the reader has seen enough, or pressed Ctrl-C. */
export class Stopped extends Error {
  readonly reason: 'quit' | 'interrupted';

  constructor(reason: 'quit' | 'interrupted') {
    super(reason);
    this.reason = reason;
  }
}

/** The size of a terminal that reports 0 because it does not know. */
const ASSUMED = { columns: 80, rows: 24 };

/** The last one is Ctrl-D. */
const QUIT: ReadonlySet<string> = new Set(['q', 'Q', '\u0004']);

/** The terminal of a process, until `close`. It pauses only if a person can press a key: not in pipes, and not in CI. */
export class ProcessTerminal implements Terminal {
  readonly write: (text: string) => void;
  readonly #process: NodeJS.Process;
  readonly #hasPauses: boolean;
  readonly #interruption = new AbortController();
  #answer: ((stopped?: Stopped) => void) | undefined;

  constructor(process: NodeJS.Process) {
    const { stdin, stdout, env } = process;
    this.#process = process;
    this.write = (text) => void stdout.write(text);
    process.on('SIGINT', this.#interrupt);
    this.#hasPauses = stdin.isTTY && stdout.isTTY && env['TERM'] !== 'dumb' && (env['CI'] ?? '') === '';
    if (!this.#hasPauses) return;
    // Raw until the end: a key that is pressed while a command runs is not shown, and does not skip the next pause.
    stdin.setRawMode(true);
    stdin.on('data', this.#press);
  }

  /** Aborts on Ctrl-C. */
  get signal(): AbortSignal {
    return this.#interruption.signal;
  }

  get columns(): number | undefined {
    const { stdout } = this.#process;
    return stdout.isTTY ? stdout.columns || ASSUMED.columns : undefined;
  }

  get rows(): number | undefined {
    return this.#hasPauses ? this.#process.stdout.rows || ASSUMED.rows : undefined;
  }

  /** @throws Stopped if the key was `q` or Ctrl-D, or if Ctrl-C was pressed before or is pressed now */
  readonly key = (): Promise<void> =>
    new Promise((resolve, reject) => {
      this.signal.throwIfAborted();
      this.#answer = (stopped) => {
        this.#answer = undefined;
        if (stopped === undefined) resolve();
        else reject(stopped);
      };
    });

  close(): void {
    this.#process.off('SIGINT', this.#interrupt);
    if (!this.#hasPauses) return;
    const { stdin } = this.#process;
    stdin.off('data', this.#press);
    stdin.setRawMode(false);
    stdin.pause();
  }

  readonly #interrupt = (): void => {
    const stopped = new Stopped('interrupted');
    this.#interruption.abort(stopped);
    this.#answer?.(stopped);
  };

  readonly #press = (data: Buffer | string): void => {
    const keys = data.toString();
    if (keys.includes('\u0003')) this.#interrupt();
    else this.#answer?.(QUIT.has(keys) ? new Stopped('quit') : undefined);
  };
}
