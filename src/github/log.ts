import { randomUUID } from 'node:crypto';
import { printable, printableLines } from '../report/escape.js';

// GitHub's workflow commands: lines on standard output that start with two colons.

/** The position of an annotation. */
export interface Place {
  /** Relative to the runner's workspace. */
  readonly file: string;
  readonly line: number;
  readonly col: number;
}

export type Level = 'error' | 'warning' | 'notice';

/** The log of a step. Everything is cleaned, and control and invisible characters are escaped. */
export interface Log {
  /** Writes text. The runner interprets none of it as a command. */
  readonly plain: (text: string) => void;
  readonly annotate: (level: Level, message: string, options?: { title?: string; place?: Place }) => void;
  /** Has the runner mask a secret in everything it shows. */
  readonly mask: (secret: string) => void;
}

/** @param clean removes what must not be shown */
export function openLog(write: (text: string) => void, clean: (text: string) => string): Log {
  const escaped = (text: string): string => printable(clean(text));
  return {
    plain: (text) => {
      if (text === '') return;
      // Text from files and commits could look like a command, so commands are stopped around it.
      const token = randomUUID();
      write(`::stop-commands::${token}\n${printableLines(clean(text)).replace(/\n?$/, '\n')}::${token}::\n`);
    },
    annotate: (level, message, { title, place } = {}) => {
      const properties = [
        ...(place === undefined
          ? []
          : [`file=${property(escaped(place.file))}`, `line=${place.line}`, `col=${place.col}`]),
        ...(title === undefined ? [] : [`title=${property(escaped(title))}`]),
      ].join(',');
      write(`::${level}${properties === '' ? '' : ` ${properties}`}::${data(escaped(message))}\n`);
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
