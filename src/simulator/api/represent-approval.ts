import { objectId } from '../world/ids.js';
import { reviewStatus, type ApprovalRequest, type Review } from '../world/approvals.js';
import { conflictsNow } from './approval-conflicts.js';
import type { FlagPlace } from './flag-place.js';
import { link } from './links.js';

/**
 * An approval request (schema FlagConfigApprovalRequestResponse). It shows neither the comment nor the teams.
 * @param now epoch milliseconds
 */
export function representApproval(place: FlagPlace, request: ApprovalRequest, now: number): object {
  const path = approvalsPath(place);
  const { appliedDate, appliedByTokenId } = request;
  return {
    _id: request.id,
    _version: request.version,
    creationDate: request.creationDate,
    serviceKind: 'launchdarkly',
    requestorId: objectId('member'),
    description: request.description,
    reviewStatus: reviewStatus(request),
    allReviews: request.reviews.map((review) => representReview(review)),
    notifyMemberIds: request.notifyMemberIds,
    ...(appliedDate === undefined
      ? {}
      : {
          appliedDate,
          ...(appliedByTokenId === undefined
            ? { appliedByMemberId: objectId('member') }
            : { appliedByServiceTokenId: appliedByTokenId }),
        }),
    status: request.status,
    instructions: request.instructions,
    conflicts: request.status === 'pending' ? conflictsNow(place, request, now) : [],
    _links: { self: link(...path, request.id), parent: link(...path) },
  };
}

/** The path of a flag's approval requests, in segments. */
export function approvalsPath({ project, flag, environment }: FlagPlace): readonly string[] {
  return ['projects', project.key, 'flags', flag.key, 'environments', environment.key, 'approval-requests'];
}

function representReview({ id, kind, date, comment, tokenId }: Review): object {
  return {
    _id: id,
    kind,
    creationDate: date,
    ...(comment === undefined ? {} : { comment }),
    ...(tokenId === undefined ? { memberId: objectId('member') } : { serviceTokenId: tokenId }),
  };
}
