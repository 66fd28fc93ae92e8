import type { Position } from '../../diagnostics/diagnostic.js';
import { escapeMarkdown } from '../escape.js';

/** URLs for what a page mentions; undefined if there is none. */
export interface Links {
  /** A line of a file at the commit that was planned. */
  readonly line: (at: Position) => string | undefined;
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
