import { shortId } from '../reconcile/commit.js';
import type { Provenance } from '../reconcile/plan.js';
import type { Commit } from '../reconcile/state.js';

/** What a comment is made from. */
export interface CommentParts {
  readonly provenance: Provenance;
  /** The declaration's reason. */
  readonly reason?: string | undefined;
}

/** What a template may name. `{sha}` is the commit's id in 12 digits, `{date}` its day in UTC. */
const PLACEHOLDERS = ['subject', 'sha', 'author', 'date', 'reason'] as const;

const PLACEHOLDER = /\{(?<name>[^{}]*)\}/g;

type Values = Record<(typeof PLACEHOLDERS)[number], string>;

/** What stands in the place of a comment where no commit can be named; a template made for commits would lie. */
const WITHOUT_COMMIT: Readonly<Record<Exclude<Provenance['type'], 'commit'>, string>> = {
  uncommitted: 'an edit that is not committed',
  unknown: 'the commit behind this is not known: history was cut off here',
  none: 'not declared in this repository',
};

/**
 * The comment of one change, in one line.
 *
 * @param template with placeholders; `{reason}` becomes `: text`, or nothing without a reason
 * @param maxLength in code points. What is too long loses the end of its subject first, so that the commit stays; then
 *   the end of the reason; then its own end
 */
export function renderComment(template: string, parts: CommentParts, maxLength: number): string {
  const reason = parts.reason === undefined ? '' : oneLine(parts.reason);
  const { provenance } = parts;
  const used = provenance.type === 'commit' ? template : '{subject}{reason}';
  let values: Values = {
    ...(provenance.type === 'commit' ? ofCommit(provenance.commit) : NO_COMMIT),
    ...(provenance.type === 'commit' ? {} : { subject: WITHOUT_COMMIT[provenance.type] }),
    reason: reason === '' ? '' : `: ${reason}`,
  };
  for (const name of ['subject', 'reason'] as const) {
    const excess = codePoints(fill(used, values)).length - maxLength;
    const times = used.split(`{${name}}`).length - 1;
    if (excess > 0 && times > 0)
      values = { ...values, [name]: shorten(values[name], Math.ceil(excess / times)) };
  }
  const text = fill(used, values);
  return shorten(text, codePoints(text).length - maxLength);
}

const NO_COMMIT = { subject: '', sha: '', author: '', date: '' };

function ofCommit({ id, subject, author, date }: Commit): Omit<Values, 'reason'> {
  const day = new Date(date).toISOString().slice(0, 10);
  return { subject: oneLine(subject), sha: shortId(id), author: oneLine(author), date: day };
}

/** In one go, so that a subject that looks like a placeholder stays what it is. */
function fill(template: string, values: Values): string {
  return oneLine(
    template.replace(PLACEHOLDER, (all, name: string) => (isPlaceholder(name) ? values[name] : all)),
  );
}

/** Takes code points from the end, with an ellipsis in their place. */
function shorten(text: string, excess: number): string {
  if (excess <= 0 || text === '') return text;
  const points = codePoints(text);
  return `${points
    .slice(0, Math.max(0, points.length - excess - 1))
    .join('')
    .trimEnd()}…`;
}

/** Control characters, line breaks of every kind, and what turns the direction of text become spaces. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]+/gu, ' ').trim();
}

function codePoints(text: string): string[] {
  return Array.from(text);
}

function isPlaceholder(name: string): name is keyof Values {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}
