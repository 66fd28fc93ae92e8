import type { OverrideId, ScopeId } from '../reconcile/state.js';
import { scopeKey } from '../reconcile/state.js';
import { plural } from '../text/plural.js';
import { jsonText, printable } from './escape.js';

/** Why a live override was not imported. */
export type LeftOutReason =
  'flag-archived' | 'flag-excluded' | 'kind-unknown' | 'refused' | 'expired' | 'too-many';

/** A live override that was not imported. */
export interface LeftOut extends ScopeId, OverrideId {
  readonly reason: LeftOutReason;
}

/** Each reason in words. */
export const LEFT_OUT_WORDS: Readonly<Record<LeftOutReason, string>> = {
  'flag-archived': 'the flag is archived, so it serves nothing',
  'flag-excluded': 'the configuration excludes the flag',
  'kind-unknown': 'LaunchDarkly does not list this context kind for targeting',
  refused: 'a declaration cannot express it',
  expired: 'it is declared and expired, but another value is live',
  'too-many': 'there are more overrides than flagops reads',
};

/** The most contexts that are named for each flag and reason. */
const NAMED = 5;

/** A declaration that was written. */
interface WrittenFile {
  readonly path: string;
  readonly scope: ScopeId;
  readonly overrides: number;
  readonly replaces: boolean;
}

/** What an import wrote, and what it left out. */
interface ImportReport {
  readonly files: readonly WrittenFile[];
  readonly leftOut: readonly LeftOut[];
}

/** A line for each file, then one for each flag of which overrides were left out. */
export function importText({ files, leftOut }: ImportReport): string {
  return `${files.map(fileLine).join('')}${leftOutText(leftOut)}`;
}

/** The same as JSON, as `import.schema.json` describes it. */
export function importJson({ files, leftOut }: ImportReport): string {
  return jsonText({
    format: 'flagops-import/1',
    files: files.map(({ path, scope, overrides, replaces }) => ({
      path,
      project: scope.project,
      environment: scope.environment,
      overrides,
      replaced: replaces,
    })),
    leftOut,
  });
}

/** `written  overrides/production/imported.yaml (3 overrides of storefront/production)`. */
function fileLine(file: WrittenFile): string {
  const verb = file.replaces ? 'replaced' : 'written ';
  return `${verb} ${printable(file.path)} (${plural(file.overrides, 'override')} of ${scopeKey(file.scope)})\n`;
}

/** What was left out: one line for each scope, flag and reason. */
function leftOutText(leftOut: readonly LeftOut[]): string {
  const lines = new Map<string, { readonly first: LeftOut; readonly contexts: string[]; count: number }>();
  for (const override of leftOut) {
    const key = `${scopeKey(override)}\n${override.reason}\n${override.flag}`;
    const line = lines.get(key) ?? { first: override, contexts: [], count: 0 };
    lines.set(key, line);
    line.count += 1;
    if (line.contexts.length < NAMED) line.contexts.push(`${override.kind} ${JSON.stringify(override.key)}`);
  }
  if (lines.size === 0) return '';
  const shown = [...lines.values()].map(({ first, contexts, count }) => {
    const more = count > contexts.length ? ` and ${count - contexts.length} more` : '';
    const what = `${scopeKey(first)}  ${first.flag}  ${contexts.join(', ')}${more}`;
    return `  ${printable(what)}: ${LEFT_OUT_WORDS[first.reason]}\n`;
  });
  return `\nNot imported (${plural(leftOut.length, 'override')}):\n${shown.join('')}`;
}

/** What to do after an import. */
export function importEnd({
  files,
  scopes,
}: {
  readonly files: readonly unknown[];
  readonly scopes: readonly ScopeId[];
}): string {
  if (files.length === 0)
    return `Nothing to import: everything that can be declared is declared in ${scopes.map(scopeKey).join(', ')}.\n`;
  return `
Next:
  1. Run flagops plan: what you imported is counted as adopted, not changed.
  2. Add an owner and a reason, review the files, and commit them.
  3. From the next flagops apply on, this repository manages these overrides.
`;
}
