import type { JsonObject } from '../../json/object.js';

/** The approval settings of every environment, apart from whether approvals are required. */
export const APPROVAL_SETTINGS = {
  minNumApprovals: 1,
  canReviewOwnRequest: false,
  canApplyDeclinedChanges: true,
} as const;

/** One review of an approval request. */
export interface Review {
  readonly id: string;
  readonly kind: 'approve' | 'decline' | 'comment';
  /** Epoch milliseconds. */
  readonly date: number;
  readonly comment: string | undefined;
  /** Undefined for a member. */
  readonly tokenId: string | undefined;
}

/** A request to approve a change of one flag in one environment. */
export interface ApprovalRequest {
  readonly id: string;
  readonly project: string;
  readonly flag: string;
  readonly environment: string;
  /** Epoch milliseconds. */
  readonly creationDate: number;
  readonly description: string;
  readonly comment: string | undefined;
  /** As they were received. */
  readonly instructions: readonly JsonObject[];
  readonly notifyMemberIds: readonly string[];
  readonly notifyTeamKeys: readonly string[];
  /** Undefined for a member. */
  readonly requestorTokenId: string | undefined;
  reviews: readonly Review[];
  status: 'pending' | 'completed' | 'failed';
  version: number;
  appliedDate: number | undefined;
  /** Undefined if it was not applied, or by a member. */
  appliedByTokenId: string | undefined;
}

/** The result of the reviews. Only the latest approval or rejection of each reviewer counts. */
export function reviewStatus({ reviews }: ApprovalRequest): 'approved' | 'declined' | 'pending' {
  const latest = new Map<string | undefined, Review['kind']>();
  for (const { kind, tokenId } of reviews) if (kind !== 'comment') latest.set(tokenId, kind);
  const kinds = [...latest.values()];
  const approvals = kinds.filter((kind) => kind === 'approve').length;
  const isDeclined = kinds.includes('decline');
  const blocked = isDeclined && !APPROVAL_SETTINGS.canApplyDeclinedChanges;
  if (approvals >= APPROVAL_SETTINGS.minNumApprovals && !blocked) return 'approved';
  return isDeclined ? 'declined' : 'pending';
}
