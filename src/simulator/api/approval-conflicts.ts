import { createDraft, type FlagDraft } from '../patch/draft.js';
import { APPROVAL_INSTRUCTIONS } from '../patch/approval-instructions.js';
import { conflictsOf, parseSteps, type Conflict } from '../patch/steps.js';
import type { ApprovalRequest } from '../world/approvals.js';
import type { World } from '../world/world.js';
import { invalid } from './errors.js';
import type { FlagPlace } from './flag-place.js';

/** The instructions of a request that would fail if it were applied now. */
export function conflictsNow(
  { project, flag, environment }: FlagPlace,
  request: Pick<ApprovalRequest, 'instructions'>,
  now: number,
): readonly Conflict[] {
  const draft = createDraft(project, flag, environment.key, now);
  return conflictsOf(draft, parseSteps(request.instructions, APPROVAL_INSTRUCTIONS));
}

/**
 * Checks that a change does not make a pending approval request fail that could be applied without it.
 * @throws ErrorResponse 400
 */
export function checkPending(world: World, place: FlagPlace, changed: FlagDraft): void {
  const after = { ...place, flag: changed.flag };
  for (const request of requestsOf(world, place)) {
    if (request.status !== 'pending') continue;
    const [conflict] = conflictsNow(after, request, changed.now);
    if (conflict && conflictsNow(place, request, changed.now).length === 0) {
      throw invalid(
        `the change would make the pending approval request ${request.id} fail: ${conflict.reason}`,
      );
    }
  }
}

/** The approval requests of a flag in one environment, oldest first. */
export function requestsOf(
  world: World,
  { project, flag, environment }: FlagPlace,
): readonly ApprovalRequest[] {
  return [...world.approvals.values()].filter(
    (request) =>
      request.project === project.key && request.flag === flag.key && request.environment === environment.key,
  );
}
