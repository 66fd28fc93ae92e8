import type { Position } from '../../diagnostics/diagnostic.js';
import { escapeMarkdown } from '../escape.js';

/** URLs for what a page mentions; undefined if there is none. */
export interface Links {
  /** A line of a file at the commit that was planned, or several up to `last`. */
  readonly line: (at: Pick<Position, 'file' | 'line'>, last?: number) => string | undefined;
  readonly commit: (id: string) => string | undefined;
  /** The log of the run. */
  readonly run: string | undefined;
}

export const NO_LINKS: Links = { line: () => undefined, commit: () => undefined, run: undefined };

/** Untrusted text within a sentence, escaped and cut. */
export function prose(text: string, maxLength = 600): string {
  return escapeMarkdown(cut(text, maxLength));
}

/** Untrusted text as code. The ellipsis of a cut text is outside of the code, so that the code can be copied. */
export function code(text: string, maxLength = 100): string {
  if (text === '') return '';
  const start = text.length <= maxLength ? text : startOf(text, maxLength);
  return `<code>${escapeMarkdown(start)}</code>${start === text ? '' : '…'}`;
}

/** The key of a context as code, as short as it can safely be: a comment has room for a thousand of them. */
export function keyCode(key: string): string {
  return PLAIN_KEY.test(key) ? `\`${key}\`` : code(key);
}

/** A key that means the same in Markdown's own code as in HTML. It holds nothing that could be a mention or end the code. */
const PLAIN_KEY = /^[a-z0-9](?:[\w.+:/-]|(?<=\w)@(?=[a-z0-9])){0,99}$/i;

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${startOf(text, maxLength - 3)}...`;
}

/** The first UTF-16 units of a text, without half a surrogate pair at the end. */
function startOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

/** Text that is already Markdown, as a link if there is a URL. */
export function markdownLink(text: string, url: string | undefined): string {
  return url === undefined ? text : `[${text}](${url})`;
}

/** `file:line` as a link. */
export function placeLink(at: Position, links: Links): string {
  return markdownLink(code(`${at.file}:${at.line}`, 160), links.line(at));
}

/** The longest path that a cell shows in full, in characters. */
const MAX_PATH = 24;

/**
 * `file:8` or `file:8-12` as a link. The folders of a long path are only in the URL.
 * @param isShort whether the file is known, so that `line 8` is enough
 */
export function linesLink(
  { file, first, last }: { readonly file: string; readonly first: number; readonly last: number },
  links: Links,
  isShort: boolean,
): string {
  const lines = first === last ? String(first) : `${first}–${last}`;
  const name = first === last ? 'line' : 'lines';
  const url = links.line({ file, line: first }, last);
  // A long path makes a table wider than a page, and a link has it anyway.
  const label = url === undefined || file.length <= MAX_PATH ? file : file.replace(/^.*(?=\/)/, '...');
  const text = isShort ? `${name}&nbsp;${lines}` : code(`${label}:${lines}`, 160);
  return markdownLink(text, url);
}
