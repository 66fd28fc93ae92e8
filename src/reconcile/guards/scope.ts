import { shortId } from '../commit.js';
import type { ExpiryChange } from '../dates.js';
import { type Change, countActions } from '../plan.js';
import type { ScopePolicy } from '../policy.js';
import { showOverride } from '../show.js';
import { type Commit, overrideKey, type ScopeId, scopeKey } from '../state.js';
import { protectedBy } from './protect.js';
import { type Checked, type GuardRefusal, type Judge, refusal, refusalsOf } from './refusal.js';
import { GUARDS, type Lift, type PolicyGuardCode, type ScopeGuardCode } from './table.js';

/** What the guards of a scope check: the whole scope, before any filter. */
export interface GuardedScope {
  readonly scope: ScopeId;
  /** HEAD's policy. */
  readonly policy: ScopePolicy;
  /** The policy that was last applied, which counts as well; undefined if HEAD's counts alone. */
  readonly lastApplied: { readonly commit: Commit; readonly policy: ScopePolicy } | undefined;
  /** Why HEAD's configuration is not the one that was last applied; undefined if it is. */
  readonly moved: string | undefined;
  readonly changes: readonly Change[];
  /** The dates that would be set, moved or removed. Only protections apply to them. */
  readonly dates: readonly ExpiryChange[];
  /**
   * By policy, the numbers of live overrides of which changes must not be too large a share: those that are ours (for
   * `prune: environment`: all of them), without and with what HEAD no longer manages.
   */
  readonly totals: (policy: ScopePolicy) => readonly number[];
  /** Declared overrides, not counting `null`, that are live now or will be. */
  readonly kept: number;
  /** Overrides that the declarations name, in any way. */
  readonly declared: number;
}

/** What lifts the guards of a scope. */
export interface ScopeLifts {
  /** `--force`: everything but `protected` and `configuration-moved`. */
  readonly force: boolean;
  /** `--allow-loosened`: `configuration-moved`. */
  readonly allowLoosened: boolean;
}

/**
 * Checks a scope against its limits and protections: against those of HEAD, and those that were last applied. Withheld
 * changes do not count.
 */
export function guardScope(guarded: GuardedScope, { force, allowLoosened }: ScopeLifts): GuardRefusal[] {
  const { scope } = guarded;
  const changes = guarded.changes.filter((change) => change.withheld === undefined);
  const dates = guarded.dates.filter(({ withheld }) => withheld === undefined);
  const counts = countActions(changes);
  const lifts = new Set<Lift>([
    ...(force ? ['force' as const] : []),
    ...(allowLoosened ? ['allow-loosened' as const] : []),
  ]);
  const refuse = <Code extends ScopeGuardCode>(code: Code, message: string | undefined) =>
    message === undefined ? [] : [refusal(code, `${scopeKey(scope)}: ${message}`, lifts)];
  const judge = <Code extends PolicyGuardCode>(
    code: Code,
    check: (policy: ScopePolicy) => string | undefined,
  ): readonly GuardRefusal<Code>[] =>
    judgements(guarded, check).flatMap(({ message, by }) =>
      refuse(code, message).map((refused) =>
        by === undefined ? refused : { ...refused, ...attribution(code, by) },
      ),
    );
  const checked: Checked<ScopeGuardCode> = {
    updates: judge('updates', (policy) => overShare(guarded, policy, 'updates', counts.update, 'updated')),
    removals: judge('removals', (policy) => overShare(guarded, policy, 'removals', counts.remove, 'removed')),
    'none-left': refuse('none-left', noneLeft(guarded, counts.remove)),
    'empty-scope': refuse('empty-scope', nothingDeclared(guarded, counts.remove)),
    changes: judge('changes', (policy) => tooManyChanges(policy, changes.length)),
    protected: judge('protected', (policy) => touchesProtected(policy, [...changes, ...dates])),
    'configuration-moved': refuse('configuration-moved', guarded.moved),
  };
  return refusalsOf(checked);
}

/** Which configurations refuse: `both` if both do so alike. */
type JudgedBy = Judge | 'both';

interface Judgement {
  readonly message: string;
  /** Undefined if HEAD's configuration counts alone. */
  readonly by: JudgedBy | undefined;
}

/** The refusals of one check by both policies. */
function judgements(
  { policy, lastApplied }: GuardedScope,
  check: (policy: ScopePolicy) => string | undefined,
): Judgement[] {
  const head = check(policy);
  if (lastApplied === undefined) return head === undefined ? [] : [{ message: head, by: undefined }];
  const applied = check(lastApplied.policy);
  if (head !== undefined && head === applied) return [{ message: head, by: 'both' }];
  const according = `according to the last applied configuration (${shortId(lastApplied.commit.id)})`;
  return [
    ...(head === undefined
      ? []
      : [{ message: `${head} according to HEAD's configuration`, by: 'head' as const }]),
    ...(applied === undefined ? [] : [{ message: `${applied} ${according}`, by: 'last-applied' as const }]),
  ];
}

function attribution(code: PolicyGuardCode, by: JudgedBy): Pick<GuardRefusal, 'remedy' | 'judgedBy'> {
  const { key, remedy, liftedBy } = GUARDS[code];
  if (by === 'head') return { remedy, judgedBy: by };
  const options =
    by === 'both'
      ? `changing ${key} in the configuration and applying that on its own first`
      : `applying the change of ${key} on its own first, or --allow-loosened`;
  const isForced = liftedBy === 'force';
  return {
    remedy: isForced ? `--force, or ${options}` : `${options}; --force does not lift it`,
    ...(by === 'both' ? {} : { judgedBy: by }),
  };
}

function overShare(
  { totals }: GuardedScope,
  policy: ScopePolicy,
  name: 'updates' | 'removals',
  count: number,
  verb: string,
): string | undefined {
  const { limits } = policy;
  const limit = limits[name];
  // Compare shares, not counts: 29 of 100 is not over 29%, but 100 * 0.29 is less than 29.
  const total = totals(policy).find((live) => live >= limits.floor && count / live > limit);
  if (count === 0 || total === undefined) return undefined;
  const percent = `${percentOver(count / total, limit)}, limit ${showPercent(limit)}`;
  return `${count} of ${total} live overrides would be ${verb} (${percent})`;
}

function nothingDeclared({ declared }: GuardedScope, removals: number): string | undefined {
  if (removals === 0 || declared > 0) return undefined;
  return `nothing is declared any more, and ${removals} of our overrides would be removed`;
}

/** `nothingDeclared` reports the case without any declaration. */
function noneLeft({ declared, kept }: GuardedScope, removals: number): string | undefined {
  if (removals === 0 || declared === 0 || kept > 0) return undefined;
  return `none of our overrides would be left (${removals} would be removed)`;
}

function tooManyChanges({ limits }: ScopePolicy, count: number): string | undefined {
  if (limits.changes === null || count <= limits.changes) return undefined;
  return `${count} changes, limit ${limits.changes}`;
}

function touchesProtected(
  policy: ScopePolicy,
  changes: readonly (Change | ExpiryChange)[],
): string | undefined {
  const touched = changes.filter(protectedBy(policy));
  const [first] = touched;
  if (first === undefined) return undefined;
  // An override and its date count once.
  const count = new Set(touched.map(overrideKey)).size;
  const others = count > 1 ? ` and ${count - 1} more are` : ' is';
  return `${showOverride(first)}${others} protected`;
}

/** A share as a percentage, with just enough decimals to be visibly over the limit. */
function percentOver(share: number, limit: number): string {
  const decimals = [0, 1, 2].find((digits) => Number((100 * share).toFixed(digits)) > 100 * limit);
  return `${(100 * share).toFixed(decimals ?? 3)}%`;
}

function showPercent(fraction: number): string {
  return `${Number((100 * fraction).toFixed(6))}%`;
}
