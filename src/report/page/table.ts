import { shortId } from '../../reconcile/commit.js';
import type { Commit } from '../../reconcile/state.js';
import { provenanceWords } from '../words.js';
import type { Row } from './rows.js';
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
export function tablesOf(rows: readonly Row[], links: Links): Table[] {
  const byCommit = new Map<string, Row[]>();
  for (const row of rows) {
    const key = commitKey(row);
    const group = byCommit.get(key);
    if (group === undefined) byCommit.set(key, [row]);
    else group.push(row);
  }
  const isScattered = byCommit.size > 1 && rows.length < 2 * byCommit.size;
  if (isScattered) return [tableOf(rows, links)];
  return [...byCommit.values()].map((group) => tableOf(group, links));
}

function commitKey({ provenance }: Row): string {
  return provenance.type === 'commit' ? provenance.commit.id : provenance.type;
}

function tableOf(rows: readonly Row[], links: Links): Table {
  const shares = {
    commit: isShared(rows, commitKey),
    file: isShared(
      rows.filter(({ lines }) => lines !== undefined),
      ({ lines }) => lines?.file,
    ),
    owner: isShared(rows, ({ owner }) => owner),
    why: isShared(rows, ({ why }) => why.join('\n')),
  };
  const mentioned = new Set<string>();
  const where = (row: Row): string => {
    const place = row.lines === undefined ? 'no longer declared' : linesLink(row.lines, links, shares.file);
    const owner = row.owner === undefined || shares.owner ? [] : [`owner ${code(row.owner, 60)}`];
    const commit = shares.commit ? [] : [commitText(row, links, mentioned)];
    return [place, ...commit, ...owner].join('<br>');
  };
  const hasWhy = !shares.why && rows.some(({ why }) => why.length > 0);
  const cells = ({ change, contexts, values, why }: Row, place: string): string[] =>
    hasWhy ? [change, contexts, values, why.join('<br>'), place] : [change, contexts, values, place];
  const names = ['Change', 'Context', 'Before → after', ...(hasWhy ? ['Why'] : []), 'Where'];
  return {
    heading: sharedText(rows, shares, links),
    head: `${line(names)}${line(names.map(() => '---'))}`,
    lines: rows.map((row) => ({ text: line(cells(row, where(row))), row })),
  };
}

const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;

/** Whether all items have the same value, and there is more to say than its absence. */
function isShared<T>(items: readonly T[], valueOf: (item: T) => string | undefined): boolean {
  const [first] = items;
  if (first === undefined) return false;
  const value = valueOf(first);
  return value !== undefined && value !== '' && items.every((item) => valueOf(item) === value);
}

/** What the rows of a table share: `Beta: Dana joins (3423b7373d47 by Dana) · beta.yaml · owner team-checkout`. */
function sharedText(
  rows: readonly Row[],
  shares: Readonly<Record<'commit' | 'file' | 'owner' | 'why', boolean>>,
  links: Links,
): string {
  const [first] = rows;
  if (first === undefined) return '';
  const file = rows.find(({ lines }) => lines !== undefined)?.lines?.file ?? '';
  return [
    ...(shares.commit ? [commitText(first, links, new Set())] : []),
    ...(shares.file ? [code(file, 160)] : []),
    ...(shares.owner ? [`owner ${code(first.owner ?? '', 60)}`] : []),
    ...(shares.why ? first.why : []),
  ].join(' · ');
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
