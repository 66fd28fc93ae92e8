import { type GuardCode, GUARDS, isLiftedByForce, type Lift } from './table.js';

/** Why a plan is not applied, with the numbers behind it and what lifts it. */
export interface GuardRefusal {
  readonly code: GuardCode;
  readonly message: string;
  /** What lifts it, in words. */
  readonly remedy: string;
  /** Whether the plan may be applied nevertheless. */
  readonly lifted: boolean;
}

/** @param lifts the means of lifting guards that this run was given */
export function refusal(code: GuardCode, message: string, lifts: ReadonlySet<Lift>): GuardRefusal {
  const { remedy, liftedBy } = GUARDS[code];
  return { code, message, remedy, lifted: lifts.has(liftedBy) };
}

/** Whether any guard is not lifted. */
export function isRefused(guards: readonly GuardRefusal[]): boolean {
  return guards.some((guard) => !guard.lifted);
}

/**
 * Lifts what `--force` would, if the configuration accepts the plan's fingerprint: the reviewers of that line have
 * seen exactly this plan.
 */
export function liftAccepted(
  guards: readonly GuardRefusal[],
  fingerprint: string,
  accept: readonly string[],
): readonly GuardRefusal[] {
  if (!accept.includes(fingerprint)) return guards;
  return guards.map((guard) => (isLiftedByForce(guard.code) ? { ...guard, lifted: true } : guard));
}
