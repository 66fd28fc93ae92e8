import { canonical } from '../../json/json.js';
import type { ExpiryChange } from '../../reconcile/dates.js';
import type { Change, OverrideValue, Provenance } from '../../reconcile/plan.js';
import { plural } from '../../text/plural.js';
import { changedWords, dateWords, markWords, WARNING_WORDS, WITHHELD_WORDS } from '../words.js';
import { asInputs } from './guards.js';
import { code, keyCode, prose } from './text.js';

/** The lines of a file that declare something. */
export interface Lines {
  readonly file: string;
  readonly first: number;
  readonly last: number;
}

/** A row of a table of changes: one change, or the same change for several contexts of one kind. */
export interface Row {
  /** Number of changes, of overrides or of dates. */
  readonly changes: number;
  readonly isDate: boolean;
  /** Markdown. */
  readonly change: string;
  readonly contexts: string;
  readonly values: string;
  /** The declared reason. */
  readonly reason: string | undefined;
  /** Other reasons and warnings, one sentence each. */
  readonly why: readonly string[];
  /** Undefined if it is no longer declared. */
  readonly lines: Lines | undefined;
  readonly owner: string | undefined;
  readonly provenance: Provenance;
}

export const SIGNS = { add: '➕', update: '✏️', remove: '➖', date: '📅' } as const;

/** Contexts in one row. A larger row could leave much of a page empty, since a row is never cut. */
const MAX_CONTEXTS = 250;

/** A row with more contexts than this shows their number, and the contexts when it is opened. */
const MAX_UNFOLDED = 10;

/** A change of a date has no values. */
type Item = Change | ExpiryChange;

/** What kind of page the rows are for. */
export interface RowStyle {
  /** Whether the page is about drift only: it shows what is declared and live instead of before and after. */
  readonly isDrift: boolean;
  /** Whether options are named as inputs of the Action. */
  readonly inAction: boolean;
}

/** The rows for changes, in their order. Changes that differ only in the key of their context share a row. */
export function rowsOf(items: readonly Item[], style: RowStyle): Row[] {
  const groups = new Map<string, [Item, ...Item[]][]>();
  for (const item of items) {
    const key = groupKey(item);
    const rows = groups.get(key) ?? [];
    groups.set(key, rows);
    const open = rows.at(-1);
    if (open === undefined || open.length === MAX_CONTEXTS) rows.push([item]);
    else open.push(item);
  }
  return [...groups.values()].flat().map((group) => rowOf(group, style));
}

/** Everything about a change but its key and line. */
function groupKey({ key: _key, at, provenance, ...rest }: Item): string {
  return JSON.stringify([
    rest,
    at?.file,
    provenance.type === 'commit' ? provenance.commit.id : provenance.type,
  ]);
}

function rowOf(group: readonly [Item, ...Item[]], style: RowStyle): Row {
  const [item] = group;
  const isDate = !('warnings' in item);
  return {
    changes: group.length,
    isDate,
    change: changeCell(item, style),
    contexts: contextsCell(item.kind, group),
    values: valuesCell(item, style),
    why: whyWords(item, style),
    lines: linesOf(group),
    reason: item.reason === undefined || item.reason === '' ? undefined : prose(item.reason, 200),
    owner: item.owner === undefined || item.owner === '' ? undefined : `owner ${code(item.owner, 60)}`,
    provenance: item.provenance,
  };
}

function changeCell(item: Item, { isDrift }: RowStyle): string {
  const flag = code(item.flag);
  if (!('warnings' in item)) return `${SIGNS.date}&nbsp;${flag}`;
  return isDrift ? flag : `${SIGNS[item.action]}&nbsp;${flag}`;
}

function valuesCell(item: Item, { isDrift }: RowStyle): string {
  if (!('warnings' in item)) return prose(dateWords(item));
  const [from, to] = isDrift ? [item.after, item.before] : [item.before, item.after];
  return `${valueText(from)} → ${valueText(to)}`;
}

function contextsCell(kind: string, group: readonly Item[]): string {
  const keys = group.map(({ key }) => keyCode(key)).join(', ');
  if (group.length <= MAX_UNFOLDED) return `${prose(kind, 60)} ${keys}`;
  const count =
    kind === 'user' ? plural(group.length, 'user') : `${prose(kind, 60)}: ${plural(group.length, 'key')}`;
  return `<details><summary>${count}</summary>${keys}</details>`;
}

export function valueText(value: OverrideValue | null): string {
  return value === null ? 'none' : code(canonical(value.value), 60);
}

function whyWords(item: Item, { isDrift, inAction }: RowStyle): string[] {
  const withheld = item.withheld === undefined ? [] : [WITHHELD_WORDS[item.withheld]];
  const warnings = 'warnings' in item ? item.warnings : [];
  // In a pull request most changes are pending, and on a page about drift they are drift.
  const isUsual = !item.liveMoved && item.mark === (isDrift ? 'drift' : 'pending');
  // The row shows the values already.
  const { mark, liveMoved } = item;
  return [
    ...(isUsual ? [] : markWords({ mark, liveMoved }).map((words) => prose(words))),
    ...('drift' in item ? changedWords(item.drift).map((words) => prose(words)) : []),
    ...warnings.map((warning) => `⚠️ ${WARNING_WORDS[warning]}`),
    ...withheld.map((words) => `**${inAction ? asInputs(words) : words}**`),
  ];
}

function linesOf(group: readonly [Item, ...Item[]]): Lines | undefined {
  const file = group[0].at?.file;
  if (file === undefined) return undefined;
  const lines = group.flatMap(({ at }) => at?.line ?? []);
  return { file, first: Math.min(...lines), last: Math.max(...lines) };
}
