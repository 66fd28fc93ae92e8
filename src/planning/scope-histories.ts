import { setsDates } from '../config/config.js';
import { addDate, splitDatedFlags, splitDates } from '../reconcile/date-key.js';
import { dateToSet } from '../reconcile/dates.js';
import { removesLess } from '../reconcile/manage.js';
import type { HistoryAnswers, Question, ScopeHistory } from '../reconcile/ownership.js';
import type { ScopePolicy } from '../reconcile/policy.js';
import type { AttemptedState } from '../reconcile/attempted.js';
import {
  type Commit,
  type DeclaredState,
  parseOverrideKey,
  type ScopeId,
  scopeKey,
  type Setting,
} from '../reconcile/state.js';
import type { Declared } from './read-declarations.js';
import type { GitState } from './git-state.js';
import type { CoveredScope, ManagedScope } from './scopes.js';

/** What git history says about the covered scopes. */
export interface Histories {
  readonly byScope: ReadonlyMap<string, ScopeHistory>;
  /** By scope key: flags declared by commits after last-applied. Without an entry, only the files on disk can have changed. */
  readonly flagsSince: ReadonlyMap<string, ReadonlySet<string>>;
  /** By scope key: flags whose overrides had dates in commits after last-applied. */
  readonly datedSince: ReadonlyMap<string, ReadonlySet<string>>;
  readonly warnings: readonly string[];
}

const NO_HISTORY: ScopeHistory = {
  lastApplied: undefined,
  declaredThen: undefined,
  datesThen: new Map(),
  attempts: [],
};

/** The history of a scope, empty if it was never applied. */
export function historyOf(histories: Histories, key: string): ScopeHistory {
  return histories.byScope.get(key) ?? NO_HISTORY;
}

/**
 * The flags in which owned overrides can be live: those declared at last-applied, by commits since and by attempts. `mayOwnAny` is
 * true if the scope was never applied: then any flag may have owned overrides.
 */
export function declaredFlags(
  scope: ScopeId,
  past: GitState,
  histories: Histories,
): { readonly onceDeclared: ReadonlySet<string>; readonly mayOwnAny: boolean } {
  const key = scopeKey(scope);
  const { declaredThen, attempts } = historyOf(histories, key);
  const onceDeclared = new Set(histories.flagsSince.get(key));
  for (const declared of [declaredThen, ...attempts.map((attempt) => attempt.declared)]) {
    for (const override of declared?.keys() ?? []) onceDeclared.add(parseOverrideKey(override).flag);
  }
  return { onceDeclared, mayOwnAny: declaredThen === undefined && past.git !== undefined };
}

/** Reads from git what was declared in each scope at its last-applied commit, since, and by its attempts. */
export async function scopeHistories(past: GitState, covered: readonly CoveredScope[]): Promise<Histories> {
  const byScope = new Map<string, ScopeHistory>();
  const flagsSince = new Map<string, ReadonlySet<string>>();
  const datedSince = new Map<string, ReadonlySet<string>>();
  const warnings = new Set<string>();
  const { git } = past;
  if (git === undefined) return { byScope, flagsSince, datedSince, warnings: [] };
  const known = new Map<string, DeclaredState>();
  const declaredAt = async (commit: string): Promise<DeclaredState> => {
    const cached = known.get(commit);
    if (cached !== undefined) return cached;
    const { declared, warnings: found } = await git.history.declaredAt(commit);
    for (const warning of found) warnings.add(warning);
    known.set(commit, declared);
    return declared;
  };
  for (const [commit, keys] of scopesByCommit(past, covered)) {
    const declared = await declaredAt(commit.id);
    for (const key of keys) {
      const { settings, dates } = splitDates(declared.get(key) ?? new Map<string, Setting>());
      byScope.set(key, { lastApplied: commit, declaredThen: settings, datesThen: dates, attempts: [] });
    }
    if (past.isCurrent(commit)) continue;
    const since = await git.history.flagsSince(commit.id);
    for (const warning of since.warnings) warnings.add(warning);
    for (const key of keys) {
      const { flags, dated } = splitDatedFlags(since.flags.get(key) ?? new Set());
      flagsSince.set(key, flags);
      datedSince.set(key, dated);
    }
  }
  for (const { scope } of covered) {
    const key = scopeKey(scope);
    const attempts: AttemptedState[] = [];
    for (const { commit, filter, shard } of past.attempts.get(key) ?? []) {
      const { settings } = splitDates((await declaredAt(commit)).get(key) ?? new Map<string, Setting>());
      attempts.push({ scope, declared: settings, filter, shard });
    }
    if (attempts.length > 0) byScope.set(key, { ...(byScope.get(key) ?? NO_HISTORY), attempts });
  }
  return { byScope, flagsSince, datedSince, warnings: [...warnings] };
}

/**
 * Adds what counts for declarations of the past without their own `manage`: what the configuration of the scope says in
 * HEAD or said when it was last applied, whichever removes less.
 * @param applied the policies that were last applied, by scope key
 */
export function withManage(
  histories: Histories,
  scopes: readonly ManagedScope[],
  applied: ReadonlyMap<string, { readonly policy: ScopePolicy }>,
): Histories {
  const byScope = new Map(histories.byScope);
  for (const { scope, policy } of scopes) {
    const key = scopeKey(scope);
    const appliedManage = applied.get(key)?.policy.manage ?? policy.manage;
    const manage = removesLess(policy.manage, appliedManage);
    if (manage !== 'full') byScope.set(key, { ...historyOf(histories, key), manage, appliedManage });
  }
  return { ...histories, byScope };
}

/** Keys of the covered scopes, grouped by their last-applied commit. */
function scopesByCommit(past: GitState, covered: readonly CoveredScope[]): Map<Commit, string[]> {
  const commits = new Map<string, Commit>();
  const keys = new Map<Commit, string[]>();
  for (const { scope } of covered) {
    const applied = past.lastApplied.get(scopeKey(scope))?.commit;
    if (applied === undefined) continue;
    const commit = commits.get(applied.id) ?? applied;
    commits.set(commit.id, commit);
    keys.set(commit, [...(keys.get(commit) ?? []), scopeKey(scope)]);
  }
  return keys;
}

/** Asks history the questions that the comparison left open: whether an override is owned, and which commit set it. */
export async function askHistory(
  past: GitState,
  questions: readonly Question[],
  declared: Declared,
): Promise<{ answers: HistoryAnswers; warnings: readonly string[] }> {
  if (past.git === undefined || questions.length === 0) return { answers: new Map(), warnings: [] };
  const desired = new Map<string, Map<string, Setting>>();
  for (const [key, { overrides }] of declared.desired) {
    const settings = new Map<string, Setting>();
    for (const [override, { setting }] of overrides) settings.set(override, setting);
    if (setsDates(declared.config)) {
      for (const override of overrides.values()) addDate(settings, override, dateToSet(override));
    }
    desired.set(key, settings);
  }
  return past.git.history.answer({ lastApplied: past.lastApplied, questions, desired });
}
