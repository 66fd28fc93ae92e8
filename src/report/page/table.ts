import { shortId } from '../../reconcile/commit.js';
import type { Commit } from '../../reconcile/state.js';
import { provenanceWords } from '../words.js';
import type { Row, RowStyle } from './rows.js';
import { code, linesLink, type Links, markdownLink, prose } from './text.js';

/** Rows with what they share, which is said once above them. */
export interface Table {
  /** Above the table; empty if the rows share nothing. */
  readonly heading: string;
  /** The header line and the line below it. */
  readonly head: string;
  /** One line for each row. */
  readonly lines: readonly { readonly text: string; readonly row: Row }[];
}

/**
 * Tables for the rows of a scope: one for each commit, or a single one if most commits are behind one row only. Either
 * way, a commit is linked once.
 */
export function tablesOf(rows: readonly Row[], style: RowStyle, links: Links): Table[] {
  const byCommit = new Map<string, Row[]>();
  for (const row of rows) {
    const key = commitKey(row);
    const group = byCommit.get(key);
    if (group === undefined) byCommit.set(key, [row]);
    else group.push(row);
  }
  const isScattered = byCommit.size > 1 && rows.length < 2 * byCommit.size;
  if (isScattered) return [tableOf(rows, style, links)];
  return [...byCommit.values()].map((group) => tableOf(group, style, links));
}

function commitKey({ provenance }: Row): string {
  return provenance.type === 'commit' ? provenance.commit.id : provenance.type;
}

/** What all rows of a table have in common, so that it is not repeated in each; Markdown. */
interface Shared {
  readonly commit: boolean;
  readonly file: string | undefined;
  readonly owner: string | undefined;
  readonly reason: string | undefined;
  readonly why: boolean;
}

function tableOf(rows: readonly Row[], { isDrift }: RowStyle, links: Links): Table {
  const shared = sharedBy(rows);
  const mentioned = new Set<string>();
  const where = (row: Row): string => {
    const place =
      row.lines === undefined ? 'no longer declared' : linesLink(row.lines, links, shared.file !== undefined);
    const commit = shared.commit ? [] : [commitText(row, links, mentioned)];
    const owner = shared.owner === undefined && row.owner !== undefined ? [row.owner] : [];
    return [place, ...commit, ...owner].join('<br>');
  };
  const why = ({ reason, why: others }: Row): readonly string[] => [
    ...(shared.reason === undefined && reason !== undefined ? [reason] : []),
    ...(shared.why ? [] : others),
  ];
  const hasWhy = rows.some((row) => why(row).length > 0);
  const cells = (row: Row): string[] => [
    row.change,
    row.contexts,
    row.values,
    ...(hasWhy ? [why(row).join('<br>')] : []),
    where(row),
  ];
  const what = isDrift ? ['Flag', 'Context', 'Declared → live'] : ['Change', 'Context', 'Before → after'];
  const names = [...what, ...(hasWhy ? ['Why'] : []), 'Where'];
  return {
    heading: headingOf(rows, shared, links),
    head: `${line(names)}${line(names.map(() => '---'))}`,
    lines: rows.map((row) => ({ text: line(cells(row)), row })),
  };
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** An override that is no longer declared has neither file nor owner: those of the others are still shared by all of them. */
function sharedBy(rows: readonly Row[]): Shared {
  const declared = rows.filter(({ lines }) => lines !== undefined);
  const file = common(declared, ({ lines }) => lines?.file);
  const owned = file === undefined ? rows : declared;
  return {
    commit: common(rows, commitKey) !== undefined,
    file,
    owner: common(owned, ({ owner }) => owner),
    reason: common(owned, ({ reason }) => reason),
    why: common(rows, ({ why }) => why.join('\n')) !== undefined,
  };
}

/** The value that all items have; undefined if they differ, or if it is empty. */
function common<T>(items: readonly T[], valueOf: (item: T) => string | undefined): string | undefined {
  const values = new Set(items.map(valueOf));
  const [value] = values;
  return values.size === 1 && value !== '' ? value : undefined;
}

/** `Beta: Dana joins (3423b7373d47 by Dana) · declared in beta.yaml, owner team-checkout, Checkout v2 beta`. */
function headingOf(rows: readonly Row[], shared: Shared, links: Links): string {
  const [first] = rows;
  if (first === undefined) return '';
  const { file, owner, reason } = shared;
  const declared = [file === undefined ? undefined : `declared in ${code(file, 160)}`, owner, reason]
    .filter((part) => part !== undefined)
    .join(', ');
  const heading = [
    ...(shared.commit ? [commitText(first, links, new Set())] : []),
    ...(declared === '' ? [] : [declared]),
    ...(shared.why ? first.why : []),
  ].join(' · ');
  return `${heading.charAt(0).toUpperCase()}${heading.slice(1)}`;
}

/**
 * The commit behind a row, or why there is none.
 * @param mentioned the ids that are linked above; they are only named again
 */
function commitText({ provenance }: Row, links: Links, mentioned: Set<string>): string {
  if (provenance.type !== 'commit') return provenanceWords(provenance);
  const { commit } = provenance;
  if (mentioned.has(commit.id)) return code(shortId(commit.id));
  mentioned.add(commit.id);
  return commitLink(commit, links);
}

function commitLink({ id, subject, author }: Commit, links: Links): string {
  const link = markdownLink(code(shortId(id)), links.commit(id));
  return `<strong>${prose(subject, 80)}</strong> (${link} by ${prose(author, 40)})`;
}
