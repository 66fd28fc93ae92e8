import { canonical, type Json } from '../../json/json.js';
import { identityOf, identityOfDate } from '../fingerprint.js';
import type { Plan } from '../plan.js';
import { showOverride } from '../show.js';
import { type Checked, type GuardRefusal, refusal, refusalsOf } from './refusal.js';
import type { ExpectationGuardCode, Lift } from './table.js';

/** The parts of a plan file that an apply needs. */
export interface EarlierPlan {
  readonly baseUrl: string;
  /** As `identityOf` returns them. */
  readonly changes: readonly Json[];
  /** As `identityOfDate` returns them. */
  readonly dates: readonly Json[];
}

/** What an apply was asked to expect, and what it was allowed. */
export interface Expectations {
  /** The fingerprint that the plan must have. */
  readonly fingerprint: string | undefined;
  /** An earlier plan, which must contain every change of this one. */
  readonly planned: EarlierPlan | undefined;
  /** Declarations and configuration that are not committed. */
  readonly dirty: readonly string[];
  readonly allowDirty: boolean;
}

/** Checks a plan against what was expected of it. `--force` lifts none of these guards. */
export function guardExpectations(plan: Plan, expected: Expectations): GuardRefusal[] {
  const lifts = new Set<Lift>();
  if (expected.allowDirty) lifts.add('allow-dirty');
  const refuse = <Code extends ExpectationGuardCode>(code: Code, message: string | undefined) =>
    message === undefined ? [] : [refusal(code, message, lifts)];
  const checked: Checked<ExpectationGuardCode> = {
    expect: refuse('expect', otherFingerprint(plan, expected)),
    'plan-file': refuse('plan-file', notInPlanFile(plan, expected)),
    dirty: refuse('dirty', uncommitted(expected)),
  };
  return refusalsOf(checked);
}

function otherFingerprint(plan: Plan, { fingerprint }: Expectations): string | undefined {
  if (fingerprint === undefined || fingerprint.toLowerCase() === plan.fingerprint) return undefined;
  return `the plan has the fingerprint ${plan.fingerprint}, but ${fingerprint} was expected`;
}

function notInPlanFile(plan: Plan, { planned }: Expectations): string | undefined {
  if (planned === undefined) return undefined;
  if (planned.baseUrl !== plan.baseUrl)
    return `the plan file is for ${planned.baseUrl}, but this run is for ${plan.baseUrl}`;
  const accepted = new Set(planned.changes.map(canonical));
  const others = plan.changes.filter((change) => !accepted.has(canonical(identityOf(change))));
  const acceptedDates = new Set(planned.dates.map(canonical));
  const otherDates = plan.dates.filter((date) => !acceptedDates.has(canonical(identityOfDate(date))));
  const [first] = others;
  const [date] = otherDates;
  if (first !== undefined)
    return `${first.action} ${showOverride(first)}${andMore([...others, ...otherDates])} is not in the plan file`;
  if (date === undefined) return undefined;
  return `${date.action} the date of ${showOverride(date)}${andMore(otherDates)} is not in the plan file`;
}

function uncommitted({ dirty }: Expectations): string | undefined {
  const [path] = dirty;
  return path === undefined ? undefined : `${path}${andMore(dirty)} is not committed`;
}

function andMore({ length }: readonly unknown[]): string {
  return length > 1 ? ` and ${length - 1} more` : '';
}
