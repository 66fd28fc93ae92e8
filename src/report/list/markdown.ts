import { canonical } from '../../json/json.js';
import { shortId } from '../../reconcile/commit.js';
import type { ListedOverride } from '../../reconcile/list.js';
import type { OverrideValue } from '../../reconcile/plan.js';
import { scopeKey } from '../../reconcile/state.js';
import { code, prose } from '../page/text.js';
import type { TextOptions } from '../text-options.js';
import { noEffectWords, provenanceWords } from '../words.js';
import { expiryWords, listedMarkWords, type OverrideList, totalWords } from './list.js';

const HEAD =
  '| Flag | Context | Live | Declared | Owner | Reason | Commit | Expiry | Mark |\n|---|---|---|---|---|---|---|---|---|\n';

/** A list as GitHub-flavoured Markdown: a table for each scope. */
export function listMarkdown({ overrides, warnings }: OverrideList, { now }: TextOptions): string {
  let text = `### flagops: ${totalWords(overrides)}\n`;
  for (const warning of warnings) text += `\n> [!WARNING]\n> ${prose(warning)}\n`;
  let scope = '';
  for (const override of overrides) {
    const name = scopeKey(override);
    if (name !== scope) text += `\n#### ${code(name, 200)}\n\n${HEAD}`;
    scope = name;
    text += row(override, now);
  }
  return text;
}

function row(override: ListedOverride, now: number): string {
  const { flag, kind, key, live, declared, at, owner, reason } = override;
  const cells = [
    code(flag),
    `${prose(kind, 60)} ${code(key)}`,
    valueCell(live),
    at === undefined
      ? 'no'
      : `${declared === undefined ? '' : `${valueCell(declared)} `}${code(`${at.file}:${at.line}`, 160)}`,
    owner === undefined ? '' : code(owner, 60),
    reason === undefined ? '' : prose(reason, 200),
    commitCell(override),
    expiryWords(override, now)
      .map((words) => prose(words))
      .join(''),
    [...listedMarkWords(override), ...noEffectWords(override)].join('; '),
  ];
  return `| ${cells.join(' | ')} |\n`;
}

function commitCell({ provenance, at }: ListedOverride): string {
  if (provenance.type !== 'commit') return at === undefined ? '' : provenanceWords(provenance);
  const { id, subject, author } = provenance.commit;
  return `${code(subject, 80)} (${code(shortId(id))} by ${code(author, 40)})`;
}

function valueCell(value: OverrideValue | null): string {
  return value === null ? 'none' : code(canonical(value.value), 60);
}
