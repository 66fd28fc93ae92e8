import { type CST, isMap, isScalar, isSeq, type ParsedNode, type YAMLMap, type YAMLSeq } from 'yaml';
import { OperatorError } from '../../diagnostics/operator-error.js';
import type { SourceText } from '../../yaml/source.js';
import { compose } from '../../yaml/compose.js';
import { columnOf, lineEnd } from './lines.js';

/** A map or a list. */
export type Collection = YAMLMap.Parsed | YAMLSeq.Parsed;

/** A member of a map or of a list, and where it is in the text. */
export interface YamlEntry {
  /** Undefined in a list. */
  readonly key: string | undefined;
  readonly value: ParsedNode | null;
  /** Offset of its key, or of the indicator (`-`, `?`) before it. */
  readonly start: number;
  /** Offset after the colon; in a list, the offset of the item. */
  readonly valueFrom: number;
  /** Offset after its last character that is neither blank nor comment; for a block of text, after the line break. */
  readonly end: number;
}

/** A file to edit. */
export interface EditedFile {
  readonly source: SourceText;
  readonly text: string;
  readonly root: YAMLMap.Parsed;
}

/**
 * Parses a file so that each part can be found in the text.
 * @param source a declaration without errors
 */
export function openFile(source: SourceText): EditedFile {
  const root = compose(source.text, true).documents[0]?.contents;
  if (!isMap(root)) throw refuse(source, 0, 'the file is not a map');
  return { source, text: source.text, root };
}

/** The members of a map or list in their order. */
export function entriesOf(collection: Collection): readonly YamlEntry[] {
  if (isSeq(collection)) {
    const starts = itemStarts(collection);
    return collection.items.map((item, index) => {
      const value = item as ParsedNode | null;
      const from = value?.range[0] ?? starts[index] ?? 0;
      return {
        key: undefined,
        value,
        start: starts[index] ?? from,
        valueFrom: from,
        end: value === null ? from : contentEnd(value),
      };
    });
  }
  return collection.items.map(({ key, value, srcToken }) => {
    const mark = srcToken?.start.find(({ type }) => type === 'explicit-key-ind');
    const colon = srcToken?.sep?.find(({ type }) => type === 'map-value-ind');
    const keyEnd = colon === undefined ? key.range[1] : endOf(colon);
    return {
      key: isScalar(key) ? String(key.value) : '',
      value,
      start: mark?.offset ?? key.range[0],
      valueFrom: keyEnd,
      end: value === null ? keyEnd : Math.max(keyEnd, contentEnd(value)),
    };
  });
}

/** The value of a key, if the map has it. */
export function entryOf(map: YAMLMap.Parsed, key: string): YamlEntry | undefined {
  const index = indexOf(map, key);
  return index === -1 ? undefined : entriesOf(map)[index];
}

/** Index of a key in a map, or -1. */
export function indexOf(map: YAMLMap.Parsed, key: string): number {
  return map.items.findIndex((pair) => isScalar(pair.key) && pair.key.value === key);
}

export function isFlow(collection: Collection): boolean {
  return collection.srcToken?.type === 'flow-collection';
}

/** Offsets of the commas in a flow collection; the one at an index precedes the item with the next index. */
export function commasOf(collection: Collection): readonly number[] {
  const items: readonly CST.CollectionItem[] = collection.srcToken?.items ?? [];
  return items.flatMap(({ start }) =>
    start.filter(({ type }) => type === 'comma').map(({ offset }) => offset),
  );
}

/**
 * Offset after the lines of an entry in block style, including comments below that are indented more than the entry.
 */
export function entryLinesEnd(text: string, { start, end }: YamlEntry): number {
  const column = columnOf(text, start);
  const comment = /(?:[ \t]*\r?\n)*(?<indent> *)#[^\n]*(?:\n|$)/y;
  let at = text[end - 1] === '\n' ? end : lineEnd(text, end);
  while (at < text.length) {
    comment.lastIndex = at;
    const indent = comment.exec(text)?.groups?.['indent'];
    if (indent === undefined || indent.length <= column) break;
    at = comment.lastIndex;
  }
  return at;
}

/** The error for an edit that would lose or change something else. */
export function refuse(source: SourceText, offset: number, why: string): OperatorError {
  const { file, line, col } = source.positionAt(offset);
  return new OperatorError('edit-refused', `${file}:${line}:${col} cannot be edited: ${why}`, {
    hint: 'edit the file by hand',
  });
}

function contentEnd(node: ParsedNode): number {
  if (!isMap(node) && !isSeq(node)) return node.range[1];
  const collection = node;
  if (isFlow(collection)) return node.range[1];
  return entriesOf(collection).at(-1)?.end ?? node.range[1];
}

function itemStarts(list: YAMLSeq.Parsed): number[] {
  const items: readonly CST.CollectionItem[] = list.srcToken?.items ?? [];
  return items.flatMap(({ start }) => start.find(({ type }) => type === 'seq-item-ind')?.offset ?? []);
}

function endOf({ offset, source }: CST.SourceToken): number {
  return offset + source.length;
}
