import type { Position } from '../diagnostics/diagnostic.js';

/** A text file with its path; converts offsets to lines and columns. */
export class SourceText {
  readonly path: string;
  readonly text: string;
  #lineStarts: readonly number[] | undefined;

  /** @param path relative to the repository's root, with `/`, as in messages */
  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
  }

  /** The line and column, both from 1, of a character offset. Columns count UTF-16 units, as editors do. */
  positionAt(offset: number): Position {
    const starts = this.#starts();
    const line = lastAtMost(starts, offset);
    return { file: this.path, line: line + 1, col: offset - (starts[line] ?? 0) + 1 };
  }

  /** A line, counted from 1, without its line feed; undefined if the file has fewer lines. */
  lineAt(line: number): string | undefined {
    const starts = this.#starts();
    const start = starts[line - 1];
    const next = starts[line];
    return start === undefined ? undefined : this.text.slice(start, next === undefined ? next : next - 1);
  }

  #starts(): readonly number[] {
    this.#lineStarts ??= lineStartsOf(this.text);
    return this.#lineStarts;
  }
}

function lineStartsOf(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** Index of the last element that is not greater than the value; 0 if all are greater. */
function lastAtMost(sorted: readonly number[], value: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= value) low = middle;
    else high = middle - 1;
  }
  return low;
}
