import { matcher, type ScopePolicy } from '../policy.js';
import type { OverrideId } from '../state.js';

/** Whether a change touches a flag or context that the policy protects. */
export function protectedBy({ protect }: ScopePolicy): (id: OverrideId) => boolean {
  const isProtectedFlag = matcher(protect.flags);
  const contexts = protect.contexts.map((glob) => {
    const colon = glob.indexOf(':');
    return { kind: matcher([glob.slice(0, colon)]), key: matcher([glob.slice(colon + 1)]) };
  });
  return ({ flag, kind, key }) =>
    isProtectedFlag(flag) || contexts.some((context) => context.kind(kind) && context.key(key));
}
