import type { ProjectEnvironment, Token } from '../world/model.js';
import { approvalMissing, forbidden } from './errors.js';

/**
 * Checks that a token is not denied an action.
 * @throws ErrorResponse 403, which LaunchDarkly also answers on operations whose documentation has only 401
 */
export function checkActions(token: Token, actions: Iterable<string>): void {
  const denied = token.denied ?? [];
  for (const action of actions) {
    if (denied.includes(action)) throw forbidden(action);
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
