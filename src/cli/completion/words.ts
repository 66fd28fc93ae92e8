import type { CompletedOption } from './tree.js';

/** Text in single quotes, as every POSIX shell and zsh read it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

/** `-f` and `--format`. */
export function formsOf({ short, long }: CompletedOption): string[] {
  return short === undefined ? [long] : [short, long];
}
