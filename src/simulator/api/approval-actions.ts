import { createDraft } from '../patch/draft.js';
import { APPROVAL_INSTRUCTIONS } from '../patch/approval-instructions.js';
import { saveDraft } from '../patch/save.js';
import { applySteps, parseSteps } from '../patch/steps.js';
import { APPROVAL_SETTINGS, reviewStatus, type ApprovalRequest, type Review } from '../world/approvals.js';
import { objectId } from '../world/ids.js';
import type { Actor } from '../world/model.js';
import type { AuditAction } from '../world/change.js';
import type { World } from '../world/world.js';
import { ErrorResponse, invalid } from './errors.js';
import type { FlagPlace } from './flag-place.js';

/** A request with the flag and environment that it is about. */
export interface PlacedRequest extends FlagPlace {
  readonly request: ApprovalRequest;
}

const tokenOf = (actor: Actor): string | undefined => (typeof actor === 'string' ? undefined : actor.id);

/** Adds a review to a pending request. */
export function review(
  world: World,
  { request, ...place }: PlacedRequest,
  { kind, comment, actor }: Pick<Review, 'kind' | 'comment'> & { readonly actor: Actor },
): void {
  const tokenId = tokenOf(actor);
  if (request.status !== 'pending') throw invalid(`the approval request is ${request.status}`);
  const isOwn = tokenId !== undefined && tokenId === request.requestorTokenId;
  if (isOwn && kind !== 'comment' && !APPROVAL_SETTINGS.canReviewOwnRequest) {
    throw new ErrorResponse(403, 'An approval request cannot be reviewed with the token that created it');
  }
  const id = objectId('review', request.id, String(request.reviews.length));
  request.reviews = [...request.reviews, { id, kind, comment, date: world.now(), tokenId }];
  request.version += 1;
  record(world, place, actor, comment, 'reviewApprovalRequest', REVIEWS[kind]);
}

const REVIEWS: Readonly<Record<Review['kind'], string>> = {
  approve: 'Approved an approval request',
  decline: 'Declined an approval request',
  comment: 'Commented on an approval request',
};

/**
 * Applies a request that was approved. If its instructions are no longer possible, nothing changes and the request has
 * failed.
 * @throws ErrorResponse 400
 */
export function applyRequest(
  world: World,
  { request, ...place }: PlacedRequest,
  { comment = request.comment, actor }: { readonly comment: string | undefined; readonly actor: Actor },
): void {
  if (request.status !== 'pending') throw invalid(`the approval request is ${request.status}`);
  const bypasses = typeof actor !== 'string' && actor.bypassApprovals === true;
  if (reviewStatus(request) !== 'approved' && !bypasses)
    throw invalid('the approval request is not approved');
  const { project, flag, environment } = place;
  const steps = parseSteps(request.instructions, APPROVAL_INSTRUCTIONS);
  request.version += 1;
  try {
    const draft = applySteps(createDraft(project, flag, environment.key, world.now()), steps);
    request.status = 'completed';
    request.appliedDate = world.now();
    request.appliedByTokenId = tokenOf(actor);
    const saved = saveDraft(world, { project, flag, environment: environment.key }, draft, steps, {
      actor,
      comment,
      moreActions: ['applyApprovalRequest'],
    });
    if (!saved) record(world, place, actor, comment, 'applyApprovalRequest', 'Applied an approval request');
  } catch (error) {
    if (!(error instanceof ErrorResponse)) throw error;
    request.status = 'failed';
    record(world, place, actor, comment, 'applyApprovalRequest', 'Failed to apply an approval request');
    throw error;
  }
}

/** Adds what happened to an approval request to the audit log. */
export function record(
  world: World,
  { project, flag, environment }: FlagPlace,
  actor: Actor,
  comment: string | undefined,
  action: string,
  description: string,
): void {
  const entry: AuditAction = {
    actor,
    comment,
    actions: [action],
    titleVerb: 'updated an approval request of',
    description,
  };
  world.recordAction(project, flag, environment.key, entry);
}
