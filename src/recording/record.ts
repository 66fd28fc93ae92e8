import type { DateOutcome, Outcome } from '../apply/outcome.js';
import { type ApplyReport, completedScopes, everyRequestAnswered, onlyWaits } from '../apply/report.js';
import type { Verification } from '../apply/verify.js';
import { forgetAttempts } from '../history/refs/attempts.js';
import type { Attempt } from '../history/refs/read-refs.js';
import { isLocalAttempt } from '../history/refs/ref-name.js';
import { moveLastApplied } from '../history/refs/move-last-applied.js';
import { isFiltering } from '../reconcile/filter.js';
import { type ScopeId, scopeKey } from '../reconcile/state.js';
import { type BegunAttempts, type RecordingInput, refPlace } from './attempt.js';

/** How an apply ended. */
export interface ApplyEnd {
  readonly outcomes: readonly Outcome[];
  readonly dates: readonly DateOutcome[];
  /** Undefined if nothing was read back. */
  readonly verification: Verification | undefined;
  readonly interrupted: boolean;
}

/**
 * Moves the last-applied refs of the scopes that this apply completed, and then forgets the attempts that are obsolete.
 * Never throws: after writes, the report must be shown even if this fails.
 */
export async function recordApplied(
  input: RecordingInput,
  begun: BegunAttempts,
  end: ApplyEnd,
): Promise<Pick<ApplyReport, 'recorded' | 'unrecorded' | 'notices'>> {
  const notices = [...begun.notices];
  let recorded: readonly ScopeId[] = [];
  let unrecorded: readonly string[] = [];
  try {
    const place = refPlace(input);
    const scopes = mayRecord(input, end) ? completedScopes(input.plan, end, end.verification) : [];
    if (place === undefined || end.interrupted) return { recorded, unrecorded, notices };
    if (scopes.length > 0) {
      const { lastApplied } = input.planning.past;
      const moves = scopes.map((scope) => ({ scope, planned: lastApplied.get(scopeKey(scope))?.commit.id }));
      const { moved, failures } = await moveLastApplied(place, moves);
      recorded = moved;
      unrecorded = failures;
    }
    const obsolete = obsoleteAttempts(input, begun, end, recorded);
    const notice = obsolete.length === 0 ? undefined : await forgetAttempts(place, obsolete);
    if (notice !== undefined) notices.push(notice);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (recorded.length > 0) notices.push(reason);
    else unrecorded = [...unrecorded, reason];
  }
  return { recorded, unrecorded, notices };
}

/** Whether this apply covered whole scopes of what HEAD declares, and was not disturbed. */
function mayRecord({ planning, options }: RecordingInput, { verification, interrupted }: ApplyEnd): boolean {
  return (
    options.record &&
    options.check !== true &&
    options.shard === undefined &&
    planning.past.dirty.length === 0 &&
    !isFiltering(options.filter) &&
    options.only === undefined &&
    verification?.failure === undefined &&
    !interrupted
  );
}

/**
 * The attempts that no longer tell anything:
 *
 * - This apply's in a scope where all changes wait for approvals that it did not request: it changed nothing.
 * - This apply's in a scope whose ref was moved, if all its requests were answered: everything that it wrote is now declared
 *   at last-applied.
 * - Others in such a scope that had expired before this apply read what is live, unless approval requests are open there.
 *   Nothing of theirs can arrive later, and what had arrived, this apply has seen and removed if it is not declared. One
 *   that had not expired must stay, since its last write may arrive after this apply has read.
 * - Others that had expired and say the same as one of this apply's that stays, for example those of earlier repairs of
 *   drift: without that, they would pile up until the next commit is applied.
 */
function obsoleteAttempts(
  { planning }: RecordingInput,
  begun: BegunAttempts,
  { outcomes }: ApplyEnd,
  moved: readonly ScopeId[],
): Attempt[] {
  const keys = new Set(moved.map(scopeKey));
  const outcomesIn = (scope: ScopeId): readonly Outcome[] =>
    outcomes.filter(({ change }) => scopeKey(change) === scopeKey(scope));
  const own = begun.attempts.filter(({ scope }) =>
    keys.has(scopeKey(scope)) ? everyRequestAnswered(outcomesIn(scope)) : outcomesIn(scope).every(onlyWaits),
  );
  const expired = [...planning.past.attempts.values()]
    .flat()
    .filter(({ expires }) => expires < planning.plannedAt);
  const kept = begun.attempts.filter((attempt) => !own.includes(attempt));
  const repeated = expired.filter((attempt) => kept.some((newer) => saysAtLeast(newer, attempt)));
  const settled = expired.filter(
    ({ scope }) => keys.has(scopeKey(scope)) && !planning.waiting.has(scopeKey(scope)),
  );
  return [...new Set([...own, ...repeated, ...settled])];
}

/** Whether one attempt says what another one does, to everyone who can see that one. */
function saysAtLeast(one: Attempt, other: Attempt): boolean {
  return contentOf(one) === contentOf(other) && (!isLocalAttempt(one.ref) || isLocalAttempt(other.ref));
}

/** Everything that an attempt says but its time. */
function contentOf({ scope, commit, filter, shard }: Attempt): string {
  return JSON.stringify([scopeKey(scope), commit, filter.flags, filter.contexts, shard?.index, shard?.count]);
}
