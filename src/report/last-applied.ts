import { shortId } from '../reconcile/commit.js';
import type { ScopeSummary } from '../reconcile/plan.js';
import { minuteWords, span } from './words.js';

/**
 * The commit that was last applied to a scope, and how old it is: when it was applied is not recorded. And whether only
 * the current configuration limits the plan.
 */
export function lastAppliedWords(scope: ScopeSummary, now: number): string {
  const { lastApplied } = scope;
  if (lastApplied === undefined) return neverAppliedWords(scope);
  const age = span(now - lastApplied.date);
  return `last applied ${shortId(lastApplied.id)}, committed ${age} ago${limitsWords(scope)}`;
}

/** The same below the heading `Last applied`, with a date: a comment is read long after it was written. */
export function lastAppliedCell(scope: ScopeSummary): string {
  const { lastApplied } = scope;
  if (lastApplied === undefined) return neverAppliedWords(scope);
  return `${shortId(lastApplied.id)}, committed ${minuteWords(lastApplied.date)}${limitsWords(scope)}`;
}

function neverAppliedWords(scope: ScopeSummary): string {
  return `no apply recorded: drift unknown${limitsWords(scope)}`;
}

function limitsWords({ judgedBy }: ScopeSummary): string {
  return judgedBy === 'head' ? ', only the current limits count' : '';
}
