import type { ProjectEnvironment, Token } from '../world/model.js';
import { approvalMissing, forbidden, unauthorized } from './errors.js';

/**
 * Checks that a token is not denied an action.
 * @param status of the refusal: 401 for operations whose documentation has no 403
 * @throws ErrorResponse
 */
export function checkActions(token: Token, actions: Iterable<string>, status: 401 | 403 = 403): void {
  const denied = token.denied ?? [];
  for (const action of actions) {
    if (denied.includes(action)) throw status === 401 ? unauthorized() : forbidden();
  }
}

/**
 * Checks that a token may change an environment directly: it requires no approvals, or the token bypasses them.
 * @param status of the refusal: 405 for the configuration of flags, 403 for other resources
 * @throws ErrorResponse
 */
export function checkApproval(
  token: Token,
  { key, requireApprovals }: ProjectEnvironment,
  status: 403 | 405 = 405,
): void {
  if (requireApprovals && !token.bypassApprovals) throw approvalMissing(key, status);
}
