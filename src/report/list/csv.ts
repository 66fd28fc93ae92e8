import { canonical } from '../../json/json.js';
import type { ListedOverride } from '../../reconcile/list.js';
import type { OverrideValue } from '../../reconcile/plan.js';
import { printable } from '../escape.js';
import type { OverrideList } from './list.js';

const HEAD =
  'project,environment,flag,kind,key,live,declared,owner,reason,commit,author,subject,expires,mark,file,noEffect,manage';

/**
 * A list for a spreadsheet (RFC 4180, with a header). Values are JSON, and empty for none. Text that a spreadsheet would
 * take for a formula gets an apostrophe in front; programs should read JSON.
 */
export function listCsv({ overrides }: OverrideList): string {
  return [HEAD, ...overrides.map(row)].map((line) => `${line}\r\n`).join('');
}

function row(override: ListedOverride): string {
  const { project, environment, flag, kind, key, owner, reason, provenance } = override;
  const { expires, mark, at, noEffect, manage } = override;
  const commit = provenance.type === 'commit' ? provenance.commit : undefined;
  const cells = [
    project,
    environment,
    flag,
    kind,
    key,
    valueCell(override.live),
    valueCell(override.declared),
    owner,
    reason,
    commit?.id,
    commit?.author,
    commit?.subject,
    expires?.text,
    mark,
    at === undefined ? undefined : `${at.file}:${at.line}`,
    noEffect,
    manage,
  ];
  return cells.map((cell) => (cell === undefined ? '' : quoted(inert(cell)))).join(',');
}

function valueCell(value: OverrideValue | null | undefined): string | undefined {
  return value === null || value === undefined ? undefined : canonical(value.value);
}

/**
 * Prevents that a spreadsheet runs the text, or a part of it, as a formula. Numbers stay as they are. With a comma as the
 * decimal sign, spreadsheets split a line at semicolons, so the text after one can become a cell too. Excel also accepts
 * full-width operators in some languages.
 */
function inert(cell: string): string {
  const text = printable(cell);
  if (/^-?[\d.]+(?:e[+-]?\d+)?$/i.test(text)) return text;
  return text.replaceAll(/(?=[=+\-@＝＋－＠])(?<=^\s*|;["\s]*)/g, "'");
}

function quoted(cell: string): string {
  return /[",]|^\s|\s$/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell;
}
