import type { GuardRefusal } from './plan.js';

/** What `--force` lifts, and an accepted fingerprint too: everything that guards against too much at once. */
export const LIFTED_BY_FORCE: ReadonlySet<GuardRefusal['code']> = new Set([
  'updates',
  'removals',
  'none-left',
  'empty-scope',
  'changes',
]);

/**
 * Lifts what `--force` lifts where the plan's fingerprint is among those that the configuration accepts: whoever
 * reviewed that line has seen exactly this plan.
 */
export function liftAccepted(
  guards: readonly GuardRefusal[],
  fingerprint: string,
  accept: readonly string[],
): readonly GuardRefusal[] {
  if (!accept.includes(fingerprint)) return guards;
  return guards.map((guard) => (LIFTED_BY_FORCE.has(guard.code) ? { ...guard, lifted: true } : guard));
}
