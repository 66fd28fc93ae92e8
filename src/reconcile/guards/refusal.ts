import { type GuardCode, GUARDS, isLiftedByForce, type Lift } from './table.js';

/** Why a plan is not applied, with the numbers behind it and what lifts it. */
export interface GuardRefusal<Code extends GuardCode = GuardCode> {
  readonly code: Code;
  readonly message: string;
  /** What lifts it, in words. */
  readonly remedy: string;
  /** Whether the plan may be applied nevertheless. */
  readonly lifted: boolean;
  /** What lifted it, in words; absent if nothing did. */
  readonly liftedBy?: string;
  /** Which configuration refuses; absent if only one counts or both refuse alike. */
  readonly judgedBy?: Judge;
}

/** A configuration that a plan is judged by. */
export type Judge = 'head' | 'last-applied';

/** The refusals of each guard. All guards must be there to compile. */
export type Checked<Code extends GuardCode> = {
  readonly [Each in Code]: readonly GuardRefusal<Each>[];
};

/** The refusals among the results, in the order of the guards. */
export function refusalsOf<Code extends GuardCode>(checked: Checked<Code>): GuardRefusal[] {
  return Object.values<readonly GuardRefusal[]>(checked).flat();
}

/** @param lifts what this run was given to lift guards with */
export function refusal<Code extends GuardCode>(
  code: Code,
  message: string,
  lifts: ReadonlySet<Lift>,
): GuardRefusal<Code> {
  const { remedy, liftedBy } = GUARDS[code];
  if (!lifts.has(liftedBy)) return { code, message, remedy, lifted: false };
  return { code, message, remedy, lifted: true, liftedBy: `--${liftedBy}` };
}

/** Whether any guard is not lifted. */
export function isRefused(guards: readonly GuardRefusal[]): boolean {
  return guards.some((guard) => !guard.lifted);
}

/**
 * Lifts what `--force` would, if the configuration accepts the plan's fingerprint: the reviewers of that line have
 * seen exactly this plan.
 * @param configPath where the fingerprints were accepted
 */
export function liftAccepted(
  guards: readonly GuardRefusal[],
  fingerprint: string,
  accept: readonly string[],
  configPath: string,
): readonly GuardRefusal[] {
  if (!accept.includes(fingerprint)) return guards;
  return guards.map((guard) =>
    isLiftedByForce(guard.code) && !guard.lifted
      ? { ...guard, lifted: true, liftedBy: `accepted in ${configPath}` }
      : guard,
  );
}
