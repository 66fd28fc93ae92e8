import type { OverrideId, ScopeId } from '../reconcile/state.js';
import { scopeKey } from '../reconcile/state.js';
import type { TidyObstacle } from '../reconcile/tidy.js';
import { plural } from '../text/plural.js';

/** Each obstacle in words. */
const OBSTACLES: Readonly<Record<TidyObstacle, string>> = {
  'other-value': 'another value is live, which the next apply might remove',
  'still-live': 'it is still live, and with prune: never nothing would remove it',
  'maybe-live': 'it may still be live, and with prune: never nothing would remove it',
  protected: 'its manage keeps what is live, and without the declaration it would be pruned',
  context:
    'the next apply would no longer remove what else is live for that context (prune: contexts); apply first',
  'maybe-context':
    'something else may be live for that context, which the next apply removes (prune: contexts)',
  pending: 'what is live is not what is declared; apply first',
  'other-scope': 'its file declares it for another environment too, where there is no reason to remove it',
};

/** Contexts that are named for each obstacle and flag. */
const NAMED = 3;

/** A line for each scope, flag and obstacle: which declarations stay, and why. */
export function keptNotes(
  kept: readonly (ScopeId & OverrideId & { readonly obstacle: TidyObstacle })[],
): string[] {
  const lines = new Map<
    string,
    { readonly obstacle: TidyObstacle; readonly where: string; readonly contexts: string[] }
  >();
  for (const { obstacle, flag, kind, key, ...scope } of kept) {
    const where = `${flag} in ${scopeKey(scope)}`;
    const line = lines.get(`${where}\n${obstacle}`) ?? { obstacle, where, contexts: [] };
    lines.set(`${where}\n${obstacle}`, line);
    line.contexts.push(`${kind} ${JSON.stringify(key)}`);
  }
  return [...lines.values()].map(({ obstacle, where, contexts }) => {
    const more = contexts.length - NAMED;
    const named =
      contexts.slice(0, NAMED).join(', ') + (more > 0 ? ` and ${plural(more, 'other context')}` : '');
    return `kept ${where} for ${named}: ${OBSTACLES[obstacle]}`;
  });
}
