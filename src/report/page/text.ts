import type { Position } from '../../diagnostics/diagnostic.js';
import type { Change, Provenance, OverrideValue } from '../../reconcile/plan.js';
import { shortId } from '../../reconcile/commit.js';
import { canonical } from '../../json/json.js';
import { markdown } from '../escape.js';
import { markWords, provenanceWords, WARNING_WORDS, WITHHELD_WORDS } from '../words.js';

/** Where things can be looked at. */
export interface Links {
  /** A line of a file at the commit that was planned. */
  readonly line: (at: Position) => string | undefined;
  readonly commit: (id: string) => string | undefined;
  /** The log of the run. */
  readonly run: string | undefined;
}

export const NO_LINKS: Links = { line: () => undefined, commit: () => undefined, run: undefined };

/** Text of somebody else's within a sentence. */
export function prose(text: string, maxLength = 600): string {
  return markdown(cut(text, maxLength));
}

/** Foreign text as code. Text that is too long is cut, with the ellipsis outside, so that the code can be copied. */
export function code(text: string, maxLength = 100): string {
  if (text === '') return '';
  const start = text.length <= maxLength ? text : startOf(text, maxLength);
  return `<code>${markdown(start)}</code>${start === text ? '' : '…'}`;
}

function cut(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${startOf(text, maxLength - 3)}...`;
}

/** Not cut in the middle of a character that takes two places. */
function startOf(text: string, length: number): string {
  return text.slice(0, length).replace(/[\ud800-\udbff]$/, '');
}

function link(text: string, url: string | undefined): string {
  return url === undefined ? text : `[${text}](${url})`;
}

/** `file:line`, which leads there. */
export function placeLink(at: Position, links: Links): string {
  return link(code(`${at.file}:${at.line}`, 160), links.line(at));
}

/** The commit behind a change, which leads there. */
function commit(provenance: Provenance, links: Links): string {
  if (provenance.type !== 'commit') return provenanceWords(provenance);
  const { id, subject, author } = provenance.commit;
  return `${code(subject, 80)} (${link(code(shortId(id)), links.commit(id))} by ${code(author, 40)})`;
}

export const CHANGE_HEAD =
  '| | Flag | Context | Before | After | Declared | Commit | Why |\n|---|---|---|---|---|---|---|---|\n';

const SIGNS = { add: '➕ add', update: '✏️ update', remove: '➖ remove' } as const;

/** One line of the table of changes. */
export function changeRow(change: Change, links: Links): string {
  const why = [
    ...markWords(change),
    ...change.warnings.map((warning) => WARNING_WORDS[warning]),
    ...(change.withheld === undefined ? [] : [WITHHELD_WORDS[change.withheld]]),
  ];
  const owner = change.owner === undefined ? '' : `<br>owner ${code(change.owner, 60)}`;
  const cells = [
    SIGNS[change.action],
    code(change.flag),
    `${prose(change.kind, 60)} ${code(change.key)}`,
    side(change.before),
    side(change.after),
    change.at === undefined ? 'no longer' : `${placeLink(change.at, links)}${owner}`,
    commit(change.provenance, links),
    why.join('; '),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function side(value: OverrideValue | null): string {
  return value === null ? 'none' : code(canonical(value.value), 60);
}
