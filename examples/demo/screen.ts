import { stripVTControlCharacters } from 'node:util';

/** Where the demo prints. */
export interface Terminal {
  /** The width; undefined leaves lines as they are. */
  readonly columns: number | undefined;
  /** The height; undefined never pauses. */
  readonly rows: number | undefined;
  readonly write: (text: string) => void;
  /** Waits for a key. Rejects if the demo is to end. */
  readonly key: () => Promise<void>;
}

const PROMPT = 'Enter: go on, q: quit';
const ERASE_LINE = '\r\u001B[K';

/** Prints lines that fit the terminal, and waits for a key before any of them scrolls away unread. */
export class Screen {
  readonly #terminal: Terminal;
  #rowsSincePause = 0;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** Prints whole lines. A final line break may be missing. */
  async show(text: string): Promise<void> {
    for (const line of text.replace(/\n$/, '').split('\n')) {
      const { columns, write } = this.#terminal;
      for (const row of columns === undefined ? [line] : fit(line, columns)) {
        const height = columns === undefined ? 1 : Math.max(1, Math.ceil(widthOf(row) / columns));
        // Read again for each row: the window may have changed while the demo was waiting.
        const { rows } = this.#terminal;
        if (rows !== undefined && this.#rowsSincePause + height >= rows) await this.pause();
        write(`${row}\n`);
        this.#rowsSincePause += height;
      }
    }
  }

  /** Waits for a key, if this terminal has pauses and something was printed since the last one. */
  async pause(): Promise<void> {
    const { rows, write, key } = this.#terminal;
    if (rows === undefined || this.#rowsSincePause === 0) return;
    write(PROMPT);
    try {
      await key();
    } finally {
      write(ERASE_LINE);
      this.#rowsSincePause = 0;
    }
  }
}

/**
 * Breaks a line at spaces. Further rows are indented by two more than the line. A word that is wider than the terminal
 * stays whole; the terminal breaks it.
 * @param line may contain colours, which have no width
 */
export function fit(line: string, columns: number): string[] {
  const indent = ' '.repeat(line.length - line.trimStart().length);
  const rows: string[] = [];
  let row: string | undefined;
  for (const word of line.slice(indent.length).split(' ')) {
    if (row !== undefined && widthOf(row) + 1 + widthOf(word) > columns) {
      rows.push(row);
      row = undefined;
    }
    row = row === undefined ? `${indent}${rows.length === 0 ? '' : '  '}${word}` : `${row} ${word}`;
  }
  return row === undefined ? rows : [...rows, row];
}

function widthOf(text: string): number {
  return stripVTControlCharacters(text).length;
}
