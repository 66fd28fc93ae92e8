import {
  type Collection,
  commasOf,
  type EditedFile,
  entriesOf,
  type YamlEntry,
  entryLinesEnd,
  isFlow,
  refuse,
} from './entries.js';
import { columnOf, endsLine, lineEnd, lineStart, startsLine } from './lines.js';
import type { Splice } from './splice.js';

/** One step on the way from the root of a file to an entry. */
export interface PathStep {
  readonly collection: Collection;
  readonly index: number;
}

interface Marked {
  readonly above: readonly PathStep[];
  readonly indexes: Set<number>;
}

/** Entries to remove from one file. A map or list that becomes empty is removed too, except for the file itself. */
export class Removal {
  readonly #file: EditedFile;
  readonly #marked = new Map<Collection, Marked>();

  constructor(file: EditedFile) {
    this.#file = file;
  }

  /** @param path from the root; the last step is the entry */
  add(path: readonly PathStep[]): void {
    const last = path.at(-1);
    if (last === undefined) return;
    const above = path.slice(0, -1);
    const marked = this.#marked.get(last.collection) ?? { above, indexes: new Set() };
    this.#marked.set(last.collection, marked);
    marked.indexes.add(last.index);
    if (above.length > 0 && marked.indexes.size === last.collection.items.length) this.add(above);
  }

  has({ collection, index }: PathStep): boolean {
    return this.#marked.get(collection)?.indexes.has(index) === true;
  }

  splices(): Splice[] {
    const splices: Splice[] = [];
    for (const [collection, { above, indexes }] of this.#marked) {
      if (above.some((step) => this.has(step))) continue;
      const entries = entriesOf(collection);
      splices.push(
        ...(isFlow(collection)
          ? fromFlow(this.#file, collection, entries, indexes)
          : fromBlock(this.#file, entries, indexes)),
      );
    }
    return withoutDoubleBlanks(this.#file.text, splices);
  }
}

/** What removes the entries at the end of some paths. */
export function removal(file: EditedFile, paths: readonly (readonly PathStep[])[]): Splice[] {
  const list = new Removal(file);
  for (const path of paths) list.add(path);
  return list.splices();
}

/** Removes whole lines. */
function fromBlock(
  { text, source }: EditedFile,
  entries: readonly YamlEntry[],
  indexes: ReadonlySet<number>,
): Splice[] {
  const splices: Splice[] = [];
  for (const [index, entry] of entries.entries()) {
    if (!indexes.has(index)) continue;
    const end = entryLinesEnd(text, entry);
    if (startsLine(text, entry.start)) {
      splices.push({ start: commentStart(text, entries, index), end, text: '' });
      continue;
    }
    // The first key of a list's item follows the dash: the next one that is kept takes its place.
    const next = entries.find((_, other) => other > index && !indexes.has(other));
    if (next === undefined || index > 0)
      throw refuse(source, entry.start, 'it shares its line with something else');
    if (text.slice(end, next.start).includes('#')) throw refuse(source, entry.start, 'a comment follows it');
    splices.push({ start: entry.start, end: next.start, text: '' });
  }
  return splices;
}

/**
 * Where the lines of an entry begin. A comment right above belongs to the entry; above the first one, it belongs to the
 * whole map, unless the second one has its own comment.
 */
function commentStart(text: string, entries: readonly YamlEntry[], index: number): number {
  const entry = entries[index];
  if (entry === undefined) return 0;
  const own = lineStart(text, entry.start);
  const next = entries[index + 1];
  const isOwn = index > 0 || (next !== undefined && commentAbove(text, next) < lineStart(text, next.start));
  return isOwn ? commentAbove(text, entry) : own;
}

/** Where the comment right above an entry begins; the start of its line if there is none. */
function commentAbove(text: string, { start }: YamlEntry): number {
  const column = columnOf(text, start);
  let at = lineStart(text, start);
  while (at > 0) {
    const above = lineStart(text, at - 1);
    const line = text.slice(above, at);
    const indent = line.length - line.trimStart().length;
    if (!line.trimStart().startsWith('#') || indent !== column) break;
    at = above;
  }
  return at;
}

function fromFlow(
  file: EditedFile,
  collection: Collection,
  entries: readonly YamlEntry[],
  indexes: ReadonlySet<number>,
): Splice[] {
  const { text } = file;
  const commas = commasOf(collection);
  const splices: Splice[] = [];
  for (let first = 0; first < entries.length; first += 1) {
    if (!indexes.has(first)) continue;
    let last = first;
    while (indexes.has(last + 1)) last += 1;
    const [from, to, next] = [entries[first], entries[last], entries[last + 1]];
    if (from === undefined || to === undefined) continue;
    const comma = commas[last];
    const end = comma === undefined ? to.end : comma + 1;
    const before = commas[first - 1];
    if (startsLine(text, from.start) && endsLine(text, end)) {
      splices.push({ start: lineStart(text, from.start), end: lineEnd(text, end), text: '' });
      // A list without a comma at its end stays one.
      if (comma === undefined && before !== undefined)
        splices.push({ start: before, end: before + 1, text: '' });
    } else if (next !== undefined) {
      if (text.slice(from.start, next.start).includes('\n') && text.slice(end, next.start).includes('#'))
        throw refuse(file.source, from.start, 'a comment follows it');
      splices.push({ start: from.start, end: next.start, text: '' });
    } else if (before !== undefined) splices.push({ start: before, end: to.end, text: '' });
    else splices.push({ start: from.start, end, text: '' });
    first = last;
  }
  return splices;
}

/** Where lines are removed between two blank lines, or between one and the end, one of them goes too. */
function withoutDoubleBlanks(text: string, splices: readonly Splice[]): Splice[] {
  const merged: Splice[] = [];
  for (const splice of splices.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last === undefined || last.end < splice.start) merged.push(splice);
    else merged[merged.length - 1] = { ...last, end: Math.max(last.end, splice.end) };
  }
  return merged.map((splice) => {
    const { start, end } = splice;
    const isWholeLines = start === lineStart(text, start) && (end === text.length || text[end - 1] === '\n');
    if (!isWholeLines || start === 0) return splice;
    const above = lineStart(text, start - 1);
    const isBlank = (from: number): boolean => text.slice(from, lineEnd(text, from)).trim() === '';
    return isBlank(above) && isBlank(end) ? { ...splice, start: above } : splice;
  });
}
