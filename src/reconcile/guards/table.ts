/** What lets a refused plan through: an option, an edit of flagops.yaml, or planning again. */
export type Lift = 'force' | 'allow-rewind' | 'allow-dirty' | 'allow-loosened' | 'configuration' | 'new-plan';

interface Guard {
  /** Which plans it refuses. */
  readonly refuses: string;
  readonly liftedBy: Lift;
  /** What lifts it, in words that follow "lifted by". */
  readonly remedy: string;
}

/** The guards that check one scope against its policy, which names what it may do under `key`. */
const POLICY_GUARDS = {
  updates: {
    key: 'limits.updates',
    refuses: 'more than limits.updates of the live overrides would be updated',
    liftedBy: 'force',
    remedy: '--force, or limits.updates in the configuration',
  },
  removals: {
    key: 'limits.removals',
    refuses: 'more than limits.removals of the live overrides would be removed',
    liftedBy: 'force',
    remedy: '--force, or limits.removals in the configuration',
  },
  changes: {
    key: 'limits.changes',
    refuses: 'a scope has more changes than limits.changes',
    liftedBy: 'force',
    remedy: '--force, or limits.changes in the configuration',
  },
  protected: {
    key: 'protect',
    refuses: 'something that protect lists would be changed',
    liftedBy: 'configuration',
    remedy: 'changing protect in the configuration; --force does not lift it',
  },
} as const satisfies Readonly<Record<string, Guard & { readonly key: string }>>;

/** The other guards that check one scope. */
const OTHER_SCOPE_GUARDS = {
  'none-left': {
    refuses: 'none of our overrides would be left in a scope',
    liftedBy: 'force',
    remedy: '--force, if all of them are meant to be removed',
  },
  'empty-scope': {
    refuses: 'nothing is declared in a scope any more, and overrides of ours would be removed',
    liftedBy: 'force',
    remedy: '--force, if the scope is meant to be emptied',
  },
  'configuration-moved': {
    refuses: 'a scope was last applied by a configuration with another name or path',
    liftedBy: 'allow-loosened',
    remedy: '--allow-loosened, given outside the repository, if the configuration was meant to move',
  },
} as const satisfies Readonly<Record<string, Guard>>;

/** The guards that check what git says about the plan as a whole, by their code; `rewind.ts` has a check for each. */
const HISTORY_GUARDS = {
  rewind: {
    refuses: 'HEAD does not contain the last applied commit',
    liftedBy: 'allow-rewind',
    remedy: '--allow-rewind, if you mean to go back; git revert never needs it',
  },
} as const satisfies Readonly<Record<string, Guard>>;

/** The guards that check what an apply was asked to expect, by their code; `expectations.ts` has a check for each. */
const EXPECTATION_GUARDS = {
  expect: {
    refuses: 'the fingerprint is not the one given with --expect',
    liftedBy: 'new-plan',
    remedy: 'running plan again; --force does not lift it',
  },
  'plan-file': {
    refuses: 'a change is not in the file given with --plan',
    liftedBy: 'new-plan',
    remedy: 'running plan again; --force does not lift it',
  },
  dirty: {
    refuses: 'declarations or configuration are not committed',
    liftedBy: 'allow-dirty',
    remedy: 'committing it, or --allow-dirty; what is not committed is not owned',
  },
} as const satisfies Readonly<Record<string, Guard>>;

/**
 * Every guard by its code. What `--force` and `accept` lift, the remedies in messages and the enum in
 * `plan.schema.json` follow from this table.
 */
export const GUARDS = { ...POLICY_GUARDS, ...OTHER_SCOPE_GUARDS, ...HISTORY_GUARDS, ...EXPECTATION_GUARDS };

export type PolicyGuardCode = keyof typeof POLICY_GUARDS;
/** The guards that check one scope; `scope.ts` has a check for each. */
export type ScopeGuardCode = PolicyGuardCode | keyof typeof OTHER_SCOPE_GUARDS;
export type HistoryGuardCode = keyof typeof HISTORY_GUARDS;
export type ExpectationGuardCode = keyof typeof EXPECTATION_GUARDS;
export type GuardCode = ScopeGuardCode | HistoryGuardCode | ExpectationGuardCode;

/** Whether `--force` lifts a guard, and so does an accepted fingerprint. */
export function isLiftedByForce(code: GuardCode): boolean {
  return GUARDS[code].liftedBy === 'force';
}
