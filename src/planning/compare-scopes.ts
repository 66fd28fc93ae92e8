import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { Findings } from '../diagnostics/findings.js';
import type { ListedScope } from '../reconcile/list.js';
import { compareScope } from '../reconcile/compare.js';
import { type LiveProject, type LiveState, type ScopeId, scopeKey } from '../reconcile/state.js';
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

/** Thrown for declarations that are valid, but that the live flags contradict. */
export class DeclarationsContradicted extends DeclarationsInvalid {
  /** Finds what is wrong with some of the declared overrides, by `overrideKey`. */
  readonly problemsWith: (overrides: ReadonlySet<string>) => readonly Diagnostic[];

  constructor(findings: Findings, problemsWith: DeclarationsContradicted['problemsWith']) {
    super(findings);
    this.problemsWith = problemsWith;
  }
}

/**
 * Compares every scope with its live state.
 * @throws DeclarationsContradicted with everything in the declarations that the live flags contradict
 */
export function compareScopes(
  scopes: readonly ManagedScope[],
  { live, histories, now, mode, findings }: ComparisonInput,
): readonly Omit<ListedScope, 'dates'>[] {
  const projectOf = ({ project }: ScopeId): LiveProject => {
    const found = live.get(project);
    if (found === undefined) throw new TypeError(`the project ${project} was not read`);
    return found;
  };
  const compared = scopes.map(({ scope, desired, policy }) => ({
    comparison: compareScope(desired, projectOf(scope), policy, now, mode),
    live: projectOf(scope),
    history: historyOf(histories, scopeKey(scope)),
    declared: desired.overrides,
  }));
  const diagnostics = compared.flatMap(({ comparison }) => comparison.diagnostics);
  if (diagnostics.length === 0) return compared;
  throw new DeclarationsContradicted({ ...findings, diagnostics }, (keys) =>
    scopes.flatMap(({ scope, desired, policy }) => {
      const overrides = new Map([...desired.overrides].filter(([key]) => keys.has(key)));
      return compareScope({ scope, overrides }, projectOf(scope), policy, now, mode).diagnostics;
    }),
  );
}
