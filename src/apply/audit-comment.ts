import { shortId } from '../reconcile/commit.js';
import type { Change, Provenance } from '../reconcile/plan.js';
import type { Commit } from '../reconcile/state.js';
import { oneLine } from '../text/one-line.js';

/** How comments are made: `comment` of the configuration. */
export interface CommentOptions {
  /** With the placeholders below; `{reason}` becomes `: text`, or nothing without a reason. */
  readonly template: string;
  /** In code points. */
  readonly maxLength: number;
}

/**
 * The placeholders that a template may contain. `{sha}` is the first 12 digits of the commit's id, `{date}` its day in
 * UTC.
 */
const PLACEHOLDERS = ['subject', 'sha', 'author', 'date', 'reason'] as const;

const PLACEHOLDER = /\{(?<name>[^{}]*)\}/g;

type Values = Record<(typeof PLACEHOLDERS)[number], string>;

/** Used if no commit is known: a template written for commits would leave gaps. */
const TEMPLATE_WITHOUT_COMMIT = '{subject}{reason}';

const WITHOUT_COMMIT: Readonly<Record<Exclude<Provenance['type'], 'commit'>, string>> = {
  uncommitted: 'uncommitted edit',
  unknown: 'commit unknown: the git history is incomplete here',
  none: 'not declared in this repository',
};

/**
 * The comment that a change leaves in LaunchDarkly's audit log, in one line. If it would be too long, it loses the
 * end of its subject first, so that the commit stays; then the end of the reason; then its own end.
 */
export function auditComment(
  { provenance, reason }: Pick<Change, 'provenance' | 'reason'>,
  { template, maxLength }: CommentOptions,
): string {
  const used = provenance.type === 'commit' ? template : TEMPLATE_WITHOUT_COMMIT;
  let values = valuesOf(provenance, reason === undefined ? '' : oneLine(reason));
  for (const name of ['subject', 'reason'] as const) {
    const excess = codePoints(fill(used, values)).length - maxLength;
    const times = used.split(`{${name}}`).length - 1;
    if (times > 0) values = { ...values, [name]: shorten(values[name], Math.ceil(excess / times)) };
  }
  const text = fill(used, values);
  return shorten(text, codePoints(text).length - maxLength);
}

/** The comment of an approval request for changes of one commit; the reason only if they share it. */
export function requestComment(changes: readonly [Change, ...Change[]], options: CommentOptions): string {
  const [{ provenance, reason }] = changes;
  const isShared = reason !== undefined && changes.every((change) => change.reason === reason);
  return auditComment({ provenance, ...(isShared ? { reason } : {}) }, options);
}

function valuesOf(provenance: Provenance, reason: string): Values {
  const commit =
    provenance.type === 'commit'
      ? commitValues(provenance.commit)
      : { subject: WITHOUT_COMMIT[provenance.type], sha: '', author: '', date: '' };
  return { ...commit, reason: reason === '' ? '' : `: ${reason}` };
}

function commitValues({ id, subject, author, date }: Commit): Omit<Values, 'reason'> {
  const day = new Date(date).toISOString().slice(0, 10);
  return { subject: oneLine(subject), sha: shortId(id), author: oneLine(author), date: day };
}

/** Replaces all placeholders in one pass, so that a placeholder in a commit's subject is left as it is. */
function fill(template: string, values: Values): string {
  return oneLine(
    template.replace(PLACEHOLDER, (all, name: string) => (isPlaceholder(name) ? values[name] : all)),
  );
}

/** Removes code points from the end, plus one for the ellipsis that takes their place. */
function shorten(text: string, excess: number): string {
  if (excess <= 0 || text === '') return text;
  const points = codePoints(text);
  return `${points
    .slice(0, Math.max(0, points.length - excess - 1))
    .join('')
    .trimEnd()}…`;
}

function codePoints(text: string): string[] {
  return Array.from(text);
}

function isPlaceholder(name: string): name is keyof Values {
  return (PLACEHOLDERS as readonly string[]).includes(name);
}
