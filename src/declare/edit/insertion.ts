import { isMap, isScalar, isSeq, type Node, type ParsedNode, Scalar } from 'yaml';
import { listNode, mapNode, yamlText, type YamlStyle } from '../write/nodes.js';
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
import { columnOf, endsLine, hasBlankLine, lineBreakOf, lineEnd, lineStart, startsLine } from './lines.js';
import type { Splice } from './splice.js';

/** Inserts and replaces entries of one file, in the style that the file is written in. */
export class Insertion {
  readonly #file: EditedFile;
  readonly #style: YamlStyle;

  constructor(file: EditedFile) {
    this.#file = file;
    this.#style = styleOf(file);
  }

  /**
   * Adds a key to a map, or an item to a list: at the end, or in its place if the keys are sorted.
   * @param key undefined for an item of a list
   * @param after index of the entry after which it comes, instead; -1 for the start
   */
  add(collection: Collection, key: string | undefined, value: Node, after?: number): Splice[] {
    const entries = entriesOf(collection);
    if (isFlow(collection)) return this.#addToFlow(collection, entries, key, value, after);
    const wanted = after ?? placeOf(entries, key);
    const first = entries[0];
    if (first === undefined) throw refuse(this.#file.source, 0, 'it is empty');
    // Above the first entry, there may be a comment, a dash or a brace: the second place is as good.
    const index =
      wanted === -1 && !this.#isFree(first) ? (after === undefined ? entries.length - 1 : 0) : wanted;
    const { text } = this.#file;
    const lines = this.#lines(key, value, columnOf(text, first.start));
    const previous = entries[index];
    if (previous === undefined) {
      const at = lineStart(text, first.start);
      return [{ start: at, end: at, text: lines }];
    }
    const at = entryLinesEnd(text, previous);
    const eol = lineBreakOf(text);
    const gap = isSpaced(text, entries) ? eol : '';
    // After a last line without a line break, the new last line has none, either.
    if (text[at - 1] !== '\n')
      return [{ start: at, end: at, text: `${eol}${gap}${lines.slice(0, -eol.length)}` }];
    return [{ start: at, end: at, text: gap + lines }];
  }

  /** Replaces the value of an entry. */
  replace(collection: Collection, entry: YamlEntry, value: Node): Splice[] {
    const { text } = this.#file;
    const eol = lineBreakOf(text);
    const column = columnOf(text, entry.start);
    if (isEmptyFlow(entry.value) && !isFlow(collection) && isBlockNode(value)) {
      const below = this.#lines(entry.key, value, column);
      const lines = below.slice(below.indexOf(eol), -eol.length);
      return [{ start: entry.valueFrom, end: entry.end, text: lines }];
    }
    const shown = this.#inOneLine(withQuotesOf(value, entry.value));
    const start = entry.value?.range[0] ?? entry.valueFrom;
    const end =
      text[entry.end - 1] === '\n' && entry.end > entry.valueFrom ? beforeBreak(text, entry.end) : entry.end;
    if (!text.slice(entry.valueFrom, start).includes('\n') && end > start)
      return [{ start, end, text: shown }];
    if (end <= entry.valueFrom) return [{ start: entry.valueFrom, end: entry.valueFrom, text: ` ${shown}` }];
    // The value is below its key. A comment beside the key stays.
    return [
      { start: entry.valueFrom, end: entry.valueFrom, text: ` ${shown}` },
      { start: beforeBreak(text, lineStart(text, start)), end, text: '' },
    ];
  }

  #addToFlow(
    collection: Collection,
    entries: readonly YamlEntry[],
    key: string | undefined,
    value: Node,
    after: number | undefined,
  ): Splice[] {
    const { text } = this.#file;
    const item = this.#flowItem(key, value, hasPadding(text, collection) ?? this.#style.padding);
    const index = after ?? placeOf(entries, key);
    const [previous, next] = [entries[index], entries[index + 1]];
    const [from, to] = collection.range;
    if (previous === undefined && next !== undefined)
      return [{ start: next.start, end: next.start, text: `${item}, ` }];
    if (previous === undefined) {
      const pad = this.#style.padding && isMap(collection) ? ' ' : '';
      return [{ start: from + 1, end: to - 1, text: `${pad}${item}${pad}` }];
    }
    const comma = commasOf(collection)[index];
    const end = comma === undefined ? previous.end : comma + 1;
    if (startsLine(text, previous.start) && endsLine(text, end) && lineEnd(text, end) < to) {
      const line = lineStart(text, previous.start);
      const indent = text.slice(line, previous.start);
      const at = lineEnd(text, end);
      const added = {
        start: at,
        end: at,
        text: `${indent}${item}${comma === undefined ? '' : ','}${lineBreakOf(text)}`,
      };
      return comma === undefined ? [{ start: end, end, text: ',' }, added] : [added];
    }
    return [{ start: previous.end, end: previous.end, text: `, ${item}` }];
  }

  /** Whether a new entry can be written above the first one. */
  #isFree({ start }: YamlEntry): boolean {
    const { text } = this.#file;
    if (!startsLine(text, start)) return false;
    const line = lineStart(text, start);
    return (
      line > 0 &&
      !text
        .slice(lineStart(text, line - 1), line)
        .trimStart()
        .startsWith('#')
    );
  }

  /** The lines of an entry in block style. */
  #lines(key: string | undefined, value: Node, column: number): string {
    const holder = mapNode([key === undefined ? ['list', listNode([value])] : [key, value]]);
    const eol = lineBreakOf(this.#file.text);
    const lines = yamlText(holder, undefined, this.#style).trimEnd().split('\n');
    const shown = key === undefined ? lines.slice(1).map((line) => line.slice(this.#style.indent)) : lines;
    return shown.map((line) => `${' '.repeat(column)}${line}${eol}`).join('');
  }

  #flowItem(key: string | undefined, value: Node, padding: boolean): string {
    if (key === undefined) return this.#inOneLine(value);
    const map = flow(mapNode([[key, flow(value)]]));
    const shown = yamlText(mapNode([['k', map]]), undefined, { ...this.#style, padding }).trimEnd();
    return shown.slice('k: {'.length, -1).trim();
  }

  #inOneLine(value: Node): string {
    const shown = yamlText(mapNode([['k', flow(value)]]), undefined, this.#style).trimEnd();
    return shown.slice('k: '.length);
  }
}

/** Puts a map or list, and everything in it, in one line. */
export function flow<T extends Node>(node: T): T {
  if (isMap(node) || isSeq(node)) node.flow = true;
  return node;
}

/** The index after which a key comes: in its place if the keys are sorted, or else the last one. */
function placeOf(entries: readonly YamlEntry[], key: string | undefined): number {
  const last = entries.length - 1;
  if (key === undefined || last < 1) return last;
  const keys = entries.map((entry) => entry.key ?? '');
  const isSorted = keys.every((one, index) => index === 0 || (keys[index - 1] ?? '') < one);
  return isSorted ? keys.findLastIndex((one) => one < key) : last;
}

/** Whether blank lines separate the entries. */
function isSpaced(text: string, entries: readonly YamlEntry[]): boolean {
  return (
    entries.length > 1 &&
    entries.every((entry, index) => {
      const previous = entries[index - 1];
      return previous === undefined || hasBlankLine(text, previous.end - 1, entry.start);
    })
  );
}

function isEmptyFlow(node: ParsedNode | null): boolean {
  return (isMap(node) || isSeq(node)) && node.items.length === 0;
}

function isBlockNode(node: Node): boolean {
  return (isMap(node) || isSeq(node)) && node.flow !== true;
}

/** A text keeps its quotes. */
function withQuotesOf(node: Node, replaced: ParsedNode | null): Node {
  if (!isScalar(node) || typeof node.value !== 'string' || node.type !== undefined || !isScalar(replaced))
    return node;
  const { type } = replaced;
  if (type === Scalar.QUOTE_SINGLE || type === Scalar.QUOTE_DOUBLE) node.type = type;
  return node;
}

function beforeBreak(text: string, at: number): number {
  const end = text[at - 1] === '\n' ? at - 1 : at;
  return text[end - 1] === '\r' ? end - 1 : end;
}

function styleOf({ text, root }: EditedFile): YamlStyle {
  const collections = [...within(root)];
  const flowMap = collections.find((node) => isFlow(node) && isMap(node) && node.items.length > 0);
  const nested = collections
    .filter((node) => !isFlow(node))
    .flatMap((node) =>
      entriesOf(node).flatMap(({ start, value }) =>
        isMap(value) && !isFlow(value) && isMap(node)
          ? columnOf(text, value.range[0]) - columnOf(text, start)
          : [],
      ),
    )
    .find((step) => step > 0);
  const quote = /(?<=[:[,{-] *)["']/.exec(text)?.[0];
  return {
    indent: nested ?? 2,
    padding: (flowMap && hasPadding(text, flowMap)) ?? true,
    singleQuote: quote === "'",
  };
}

/** Whether a blank follows the brace of a map in one line; undefined for an empty map and for a list. */
function hasPadding(text: string, node: Collection): boolean | undefined {
  return isMap(node) && node.items.length > 0 ? /\s/.test(text[node.range[0] + 1] ?? '') : undefined;
}

/** The first maps and lists of a file: its style shows in those. */
function* within(root: Collection): Generator<Collection> {
  const MOST = 200;
  const waiting: Collection[] = [root];
  for (let count = 0; count < MOST; count += 1) {
    const next = waiting.shift();
    if (next === undefined) return;
    yield next;
    for (const { value } of entriesOf(next).slice(0, MOST)) {
      if (isMap(value) || isSeq(value)) waiting.push(value);
    }
  }
}
