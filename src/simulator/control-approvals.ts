import { OperatorError } from '../diagnostics/operator-error.js';
import { isObject } from '../json/object.js';
import type { ApprovalDecision } from './member.js';
import type { Simulator } from './simulator.js';
import { reviewStatus } from './world/approvals.js';

/** Where approvals are required, and all approval requests, oldest first. */
export function approvalsOf({ world }: Simulator): object {
  return {
    required: [...world.projects.values()].flatMap((project) =>
      [...project.environments.values()]
        .filter(({ requireApprovals }) => requireApprovals)
        .map(({ key }) => `${project.key}/${key}`),
    ),
    requests: [...world.approvals.values()].map((request) => ({
      ...request,
      reviewStatus: reviewStatus(request),
    })),
  };
}

/**
 * Parses where approvals are required, for example `{"storefront/production": true}`.
 * @throws OperatorError `bad-approvals`
 */
export function parseRequired(value: unknown): Readonly<Record<string, boolean>> {
  const required = isObject(value) ? Object.entries(value) : [];
  if (required.length === 0) throw bad('approvals must be an object', '{"storefront/production": true}');
  return Object.fromEntries(
    required.map(([scope, one]) => {
      if (typeof one !== 'boolean') {
        throw bad(`${scope} must be true or false`, '{"storefront/production": true}');
      }
      return [scope, one];
    }),
  );
}

/**
 * Parses what a member does with a request, for example `{"kind": "approve", "comment": "Looks good"}`.
 * @throws OperatorError `bad-approvals`
 */
export function parseDecision(value: unknown): {
  readonly kind: ApprovalDecision;
  readonly comment: string | undefined;
} {
  const { kind, comment } = isObject(value) ? value : {};
  if (kind !== 'approve' && kind !== 'decline' && kind !== 'apply') {
    throw bad('kind must be approve, decline or apply', '{"kind": "approve"}');
  }
  if (comment !== undefined && typeof comment !== 'string') {
    throw bad('comment must be a string', '{"kind": "approve", "comment": "Looks good"}');
  }
  return { kind, comment };
}

function bad(message: string, example: string): OperatorError {
  return new OperatorError('bad-approvals', message, { hint: `write ${example}` });
}
