import { showSetting } from '../../reconcile/show.js';
import { type OverrideId, type ScopeId, scopeKey, type Setting } from '../../reconcile/state.js';
import type { TidyReason } from '../../reconcile/tidy-reasons.js';
import { oneLine } from '../../text/one-line.js';
import { plural } from '../../text/plural.js';

/** Longer values are left out of the subject of a commit. */
const LONGEST_VALUE = 30;

/** A context as a sentence names it: the key of a user, or kind and key. A key that is not plain text is quoted. */
export function contextWords({ kind, key }: Pick<OverrideId, 'kind' | 'key'>): string {
  const shown = /^[!-~]+$/.test(key) ? key : JSON.stringify(key);
  return kind === 'user' ? shown : `${kind} ${shown}`;
}

/** What a commit that sets an override changed. */
export interface SetChange {
  readonly before: Setting | undefined;
  readonly after: Setting;
  readonly expires: string | undefined;
  readonly reason: string | undefined;
  readonly isExtended: boolean;
}

/** The message of a commit that sets an override: a subject, and what else a reviewer needs. */
export function setMessage(id: OverrideId, scopes: readonly ScopeId[], change: SetChange): string {
  const who = contextWords(id);
  const value = showSetting(change.after);
  const shown = value.length > LONGEST_VALUE ? '' : ` to ${value}`;
  const subject =
    change.isExtended && change.expires !== undefined
      ? `Extend ${id.flag} for ${who} until ${change.expires}`
      : `Set ${id.flag}${shown} for ${who}`;
  return message(subject, [
    ...(shown === '' ? [`Value: ${value}`] : []),
    ...scopeLines(scopes),
    ...(change.expires === undefined ? [] : [`Expires: ${change.expires}`]),
    ...(change.reason === undefined ? [] : [`Reason: ${change.reason}`]),
  ]);
}

/** The message of a commit that removes declarations of one context. */
export function unsetMessage(
  context: Pick<OverrideId, 'kind' | 'key'>,
  flags: readonly string[],
  scopes: readonly ScopeId[],
): string {
  return message(`Remove ${flagWords(flags)} for ${contextWords(context)}`, [
    ...flagLines(flags),
    ...scopeLines(scopes),
  ]);
}

/** The subject of a commit for each reason. */
const TIDY_SUBJECTS: Readonly<Record<TidyReason, (overrides: string) => string>> = {
  expired: (overrides) => `Remove ${overrides} that expired`,
  'no-effect': (overrides) => `Remove ${overrides} without effect`,
  archived: (overrides) => `Remove ${overrides} of archived flags`,
};

/** Overrides that the message of a commit lists; the others are counted. */
const MOST_LISTED = 50;

/** The message of a commit that deletes declarations for one reason. */
export function tidyMessage(reason: TidyReason, overrides: readonly (ScopeId & OverrideId)[]): string {
  const scopes = new Map<string, Set<string>>();
  for (const id of overrides) {
    const line = `${id.flag} for ${contextWords(id)}`;
    const known = scopes.get(line) ?? new Set();
    scopes.set(line, known.add(scopeKey(id)));
  }
  const lines = [...scopes].map(([line, names]) => `- ${line} in ${[...names].join(' and ')}`);
  const more = lines.length - MOST_LISTED;
  return message(TIDY_SUBJECTS[reason](plural(lines.length, 'override')), [
    ...lines.slice(0, MOST_LISTED),
    ...(more > 0 ? [`- and ${more} more`] : []),
  ]);
}

/** The message of a commit that releases the overrides of one context. */
export function releaseMessage(
  context: Pick<OverrideId, 'kind' | 'key'>,
  flags: readonly string[],
  scopes: readonly ScopeId[],
): string {
  return message(`Release ${flagWords(flags)} of ${contextWords(context)}`, [
    ...flagLines(flags),
    ...scopeLines(scopes),
    'Once this is applied, deleting the declaration no longer removes anything.',
  ]);
}

/** The flags of one context as a subject has room for them: the only one, or their number. */
function flagWords(flags: readonly string[]): string {
  const [only] = flags;
  return flags.length === 1 && only !== undefined ? only : `${flags.length} overrides`;
}

function flagLines(flags: readonly string[]): string[] {
  return flags.length === 1 ? [] : [`Flags: ${flags.join(', ')}`];
}

/** A subject and lines below it, none of which can contain a line break or move a terminal's cursor. */
function message(subject: string, lines: readonly string[]): string {
  return `${[subject, ...(lines.length === 0 ? [] : ['', ...lines])].map(oneLine).join('\n')}\n`;
}

function scopeLines(scopes: readonly ScopeId[]): string[] {
  return [`Scope: ${scopes.map(scopeKey).join(', ')}`];
}
