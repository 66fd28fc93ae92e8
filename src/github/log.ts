import { randomUUID } from 'node:crypto';
import { printable, printableLines } from '../report/escape.js';

// GitHub's workflow commands: lines on standard output that start with two colons.

/** Where something in the files is wrong. */
export interface Place {
  /** Relative to the folder that repositories are checked out into. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

export type Level = 'error' | 'warning' | 'notice';

/** The log of a step. Everything goes through `clean`, and shows what would be obeyed or not seen. */
export interface Log {
  /** Text for people; nothing in it is taken for a command. */
  readonly plain: (text: string) => void;
  readonly annotate: (level: Level, message: string, options?: { title?: string; place?: Place }) => void;
  /** Has the runner put asterisks in place of a secret, wherever it turns up. */
  readonly mask: (secret: string) => void;
}

/** A log on a stream; `clean` takes out what must not be shown. */
export function openLog(write: (text: string) => void, clean: (text: string) => string): Log {
  const shown = (text: string): string => printable(clean(text));
  return {
    plain: (text) => {
      if (text === '') return;
      // What comes from files and commits could look like a command; this is how the runner is told that nothing is one.
      const token = randomUUID();
      write(`::stop-commands::${token}\n${printableLines(clean(text)).replace(/\n?$/, '\n')}::${token}::\n`);
    },
    annotate: (level, message, { title, place } = {}) => {
      const properties = [
        ...(place === undefined
          ? []
          : [`file=${property(shown(place.file))}`, `line=${place.line}`, `col=${place.col}`]),
        ...(title === undefined ? [] : [`title=${property(shown(title))}`]),
      ].join(',');
      write(`::${level}${properties === '' ? '' : ` ${properties}`}::${data(shown(message))}\n`);
    },
    mask: (secret) => {
      for (const line of secret.split(/\r?\n/)) if (line !== '') write(`::add-mask::${data(line)}\n`);
    },
  };
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
