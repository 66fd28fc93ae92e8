import { Document, type Node, Pair, Scalar, YAMLMap, YAMLSeq } from 'yaml';
import type { Json } from '../../json/json.js';

/**
 * Characters that are invisible, or that YAML allows only as an escape. A text with one of them, or with blanks at either
 * end, is written in double quotes.
 */
const NEEDS_ESCAPE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}|^ | $/u;

/** The same characters except line breaks, which the library escapes, in the finished text. */
const TO_ESCAPE = /(?!\n)[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]|(?! )\p{Zs}/gu;

/** A text. */
export function textNode(text: string): Scalar<string> {
  const node = new Scalar(text);
  if (NEEDS_ESCAPE.test(text)) node.type = Scalar.QUOTE_DOUBLE;
  return node;
}

/** A map in block style, in the order of its entries. */
export function mapNode(entries: Iterable<readonly [key: string, value: Node]>): YAMLMap {
  const map = new YAMLMap();
  for (const [key, value] of entries) map.items.push(new Pair(textNode(key), value));
  return map;
}

/** A list in block style. */
export function listNode(items: Iterable<Node>): YAMLSeq {
  const list = new YAMLSeq();
  for (const item of items) list.items.push(item);
  return list;
}

/** Any JSON value. */
export function valueNode(value: Json): Node {
  if (typeof value === 'string') return textNode(value);
  if (typeof value !== 'object' || value === null) return new Scalar(value);
  if (Array.isArray(value)) return emptyInFlow(listNode((value as readonly Json[]).map(valueNode)));
  const entries = Object.entries(value as { readonly [key: string]: Json });
  return emptyInFlow(mapNode(entries.map(([key, item]) => [key, valueNode(item)] as const)));
}

function emptyInFlow<T extends YAMLMap | YAMLSeq>(node: T): T {
  if (node.items.length === 0) node.flow = true;
  return node;
}

/** How a file is written, as far as that is a matter of taste. */
export interface YamlStyle {
  /** Blanks by which a map in block style is indented. */
  readonly indent: number;
  /** Whether blanks follow and precede the braces of a map in one line. */
  readonly padding: boolean;
  readonly singleQuote: boolean;
}

const USUAL_STYLE: YamlStyle = { indent: 2, padding: true, singleQuote: false };

/** The text of a YAML file. What older versions of YAML read as another type is quoted. */
export function yamlText(root: YAMLMap, comment?: string, style: YamlStyle = USUAL_STYLE): string {
  const document = new Document(undefined, { version: '1.2', schema: 'core', compat: 'yaml-1.1' });
  document.contents = root;
  if (comment !== undefined) document.commentBefore = comment;
  const text = document.toString({
    lineWidth: 0,
    doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER,
    indent: style.indent,
    flowCollectionPadding: style.padding,
    singleQuote: style.singleQuote,
  });
  return text.replaceAll(TO_ESCAPE, escaped);
}

function escaped(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  return code.length > 4 ? `\\U${code.padStart(8, '0')}` : `\\u${code.padStart(4, '0')}`;
}
