import { type GuardCode, GUARDS, isLiftedByForce, type Lift } from './table.js';

/** Why a plan is not applied, with the numbers behind it and what lifts it. */
export interface GuardRefusal<Code extends GuardCode = GuardCode> {
  readonly code: Code;
  readonly message: string;
  /** What lifts it, in words. */
  readonly remedy: string;
  /** Whether the plan may be applied nevertheless. */
  readonly lifted: boolean;
}

/** The result of each guard: a refusal, or undefined if it does not refuse. All guards must be there to compile. */
export type Checked<Code extends GuardCode> = {
  readonly [Each in Code]: GuardRefusal<Each> | undefined;
};

/** The refusals among the results, in the order of the guards. */
export function refusalsOf<Code extends GuardCode>(checked: Checked<Code>): GuardRefusal[] {
  return Object.values<GuardRefusal | undefined>(checked).filter((result) => result !== undefined);
}

/** @param lifts what this run was given to lift guards with */
export function refusal<Code extends GuardCode>(
  code: Code,
  message: string,
  lifts: ReadonlySet<Lift>,
): GuardRefusal<Code> {
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
