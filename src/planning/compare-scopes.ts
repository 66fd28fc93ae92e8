import type { Findings } from '../diagnostics/findings.js';
import type { ListedScope } from '../reconcile/list.js';
import { compareScope } from '../reconcile/compare.js';
import { type LiveState, scopeKey } from '../reconcile/state.js';
import type { WritePolicy } from '../reconcile/write-policy.js';
import { DeclarationsInvalid } from './read-declarations.js';
import { type Histories, historyOf } from './scope-histories.js';
import type { ManagedScope } from './scopes.js';

/** What the declarations of the scopes are compared with. */
export interface ComparisonInput {
  readonly live: LiveState;
  readonly histories: Histories;
  /** Epoch milliseconds, for expiry. */
  readonly now: number;
  readonly mode: WritePolicy['mode'];
  /** The findings of reading the declarations; findings of the comparison are reported with its counts. */
  readonly findings: Findings;
}

/**
 * Compares every scope with its live state.
 * @throws DeclarationsInvalid with everything in the declarations that the live flags contradict
 */
export function compareScopes(
  scopes: readonly ManagedScope[],
  { live, histories, now, mode, findings }: ComparisonInput,
): readonly Omit<ListedScope, 'dates'>[] {
  const compared = scopes.map(({ scope, desired, policy }) => {
    const project = live.get(scope.project);
    if (project === undefined) throw new TypeError(`the project ${scope.project} was not read`);
    return {
      comparison: compareScope(desired, project, policy, now, mode),
      live: project,
      history: historyOf(histories, scopeKey(scope)),
      declared: desired.overrides,
    };
  });
  const diagnostics = compared.flatMap(({ comparison }) => comparison.diagnostics);
  if (diagnostics.length > 0) throw new DeclarationsInvalid({ ...findings, diagnostics });
  return compared;
}
