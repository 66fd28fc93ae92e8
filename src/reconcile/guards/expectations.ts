import { shortId } from '../commit.js';
import { identityOf } from '../fingerprint.js';
import { canonical, type Json } from '../../json/json.js';
import type { GuardRefusal, Plan } from '../plan.js';
import { showOverride } from '../show.js';
import type { Commit } from '../state.js';

/** What a plan file says. */
export interface EarlierPlan {
  /** Where the API was. */
  readonly baseUrl: string;
  readonly changes: readonly Json[];
}

/** What an apply was told to expect, and what it was allowed. */
export interface Expectations {
  /** The fingerprint that the plan must have. */
  readonly fingerprint: string | undefined;
  /** An earlier plan, of whose changes (as `identify` gives them) the plan's must be a part. */
  readonly planned: EarlierPlan | undefined;
  /** Last-applied commits that HEAD does not contain. */
  readonly rewound: readonly Commit[];
  readonly allowRewind: boolean;
  /** Declarations and configuration that are not committed. */
  readonly dirty: readonly string[];
  readonly allowDirty: boolean;
}

/** Checks a plan against what was expected of it. `--force` lifts none of these. */
export function guardExpectations(plan: Plan, expected: Expectations): GuardRefusal[] {
  return [...guardFingerprint(plan, expected), ...guardPlanFile(plan, expected), ...guardHistory(expected)];
}

function guardFingerprint(plan: Plan, { fingerprint }: Expectations): GuardRefusal[] {
  if (fingerprint === undefined || fingerprint.toLowerCase() === plan.fingerprint) return [];
  const message = `the plan has the fingerprint ${plan.fingerprint}, and ${fingerprint} was expected`;
  return [
    { code: 'expect', message, remedy: 'a new look at the plan; --force does not lift it', lifted: false },
  ];
}

function guardPlanFile(plan: Plan, { planned }: Expectations): GuardRefusal[] {
  if (planned === undefined) return [];
  const remedy = 'a new plan; --force does not lift it';
  if (planned.baseUrl !== plan.baseUrl) {
    const message = `the plan file is for ${planned.baseUrl}, and this run for ${plan.baseUrl}`;
    return [{ code: 'plan-file', message, remedy, lifted: false }];
  }
  const accepted = new Set(planned.changes.map(canonical));
  const strangers = plan.changes.filter((change) => !accepted.has(canonical(identityOf(change))));
  const [first] = strangers;
  if (first === undefined) return [];
  const others = strangers.length > 1 ? ` and ${strangers.length - 1} more` : '';
  const message = `${first.action} ${showOverride(first)}${others} is not in the plan file`;
  return [{ code: 'plan-file', message, remedy, lifted: false }];
}

function guardHistory({ rewound, allowRewind, dirty, allowDirty }: Expectations): GuardRefusal[] {
  const [commit] = rewound;
  const [path] = dirty;
  const others = dirty.length > 1 ? ` and ${dirty.length - 1} more` : '';
  return [
    ...(commit === undefined
      ? []
      : [
          {
            code: 'rewind' as const,
            message: `HEAD does not contain ${shortId(commit.id)}, which was last applied`,
            remedy: '--allow-rewind, if going back is meant; git revert never needs it',
            lifted: allowRewind,
          },
        ]),
    ...(path === undefined
      ? []
      : [
          {
            code: 'dirty' as const,
            message: `${path}${others} is not committed`,
            remedy: 'a commit, or --allow-dirty; what is not committed is not owned',
            lifted: allowDirty,
          },
        ]),
  ];
}
