import { shortId } from '../../reconcile/commit.js';
import { canonical } from '../../json/json.js';
import type { Change, OverrideValue, Provenance, UnmanagedOverride } from '../../reconcile/plan.js';
import { markWords, provenanceWords, WARNING_WORDS, WITHHELD_WORDS } from '../words.js';
import { code, markdownLink, type Links, placeLink, prose } from './text.js';

export const CHANGE_HEAD =
  '| | Flag | Context | Before | After | Declared | Commit | Why |\n|---|---|---|---|---|---|---|---|\n';

const SIGNS = { add: '➕ add', update: '✏️ update', remove: '➖ remove' } as const;

/** One row of the table of changes. */
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
    valueCell(change.before),
    valueCell(change.after),
    change.at === undefined ? 'no longer' : `${placeLink(change.at, links)}${owner}`,
    commitCell(change.provenance, links),
    why.join('; '),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

/** One row of the table of unmanaged overrides. */
export function unmanagedRow({ flag, kind, key, live }: UnmanagedOverride): string {
  return `| ${code(flag)} | ${prose(kind, 60)} ${code(key)} | ${valueCell(live)} |\n`;
}

function valueCell(value: OverrideValue | null): string {
  return value === null ? 'none' : code(canonical(value.value), 60);
}

/** The commit behind a change, or why there is none. */
export function commitCell(provenance: Provenance, links: Links): string {
  if (provenance.type !== 'commit') return provenanceWords(provenance);
  const { id, subject, author } = provenance.commit;
  return `${code(subject, 80)} (${markdownLink(code(shortId(id)), links.commit(id))} by ${code(author, 40)})`;
}
