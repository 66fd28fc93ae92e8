import type { HistoryAnswers, Question, ScopeHistory } from '../reconcile/ownership.js';
import { type Commit, parseOverrideKey, type ScopeId, scopeKey, type Setting } from '../reconcile/state.js';
import type { Declared } from './read-declarations.js';
import type { GitState } from './git-state.js';
import type { CoveredScope } from './scopes.js';

/** What git knows of every covered scope. */
export interface Histories {
  readonly byScope: ReadonlyMap<string, ScopeHistory>;
  /** Flags that commits after last-applied declared, where there are any but HEAD as it is on disk. */
  readonly flagsSince: ReadonlyMap<string, ReadonlySet<string>>;
  readonly warnings: readonly string[];
}

const NO_HISTORY: ScopeHistory = { lastApplied: undefined, declaredThen: undefined };

/** A scope's history, empty where nothing was ever applied to it. */
export function historyOf(histories: Histories, key: string): ScopeHistory {
  return histories.byScope.get(key) ?? NO_HISTORY;
}

/**
 * The flags in which overrides of ours can be live: what was declared when the scope was last applied, and by commits
 * since. Where nothing was ever applied there may be more, which only reading every flag can tell.
 */
export function onceDeclared(
  scope: ScopeId,
  past: GitState,
  histories: Histories,
): { readonly once: ReadonlySet<string>; readonly mayBeMore: boolean } {
  const key = scopeKey(scope);
  const { declaredThen } = historyOf(histories, key);
  if (declaredThen === undefined) return { once: new Set(), mayBeMore: past.git !== undefined };
  const then = [...declaredThen.keys()].map((override) => parseOverrideKey(override).flag);
  return { once: new Set([...then, ...(histories.flagsSince.get(key) ?? [])]), mayBeMore: false };
}

/** What was declared in each scope when it was last applied, and since. */
export async function scopeHistories(past: GitState, covered: readonly CoveredScope[]): Promise<Histories> {
  const byScope = new Map<string, ScopeHistory>();
  const flagsSince = new Map<string, ReadonlySet<string>>();
  const warnings = new Set<string>();
  for (const [commit, keys] of scopesByCommit(past, covered)) {
    if (past.git === undefined) continue;
    const { declared, warnings: found } = await past.git.history.declaredAt(commit.id);
    for (const warning of found) warnings.add(warning);
    for (const key of keys)
      byScope.set(key, { lastApplied: commit, declaredThen: declared.get(key) ?? new Map() });
    if (past.isCurrent(commit)) continue;
    const since = await past.git.history.flagsSince(commit.id);
    for (const warning of since.warnings) warnings.add(warning);
    for (const key of keys) flagsSince.set(key, since.flags.get(key) ?? new Set());
  }
  return { byScope, flagsSince, warnings: [...warnings] };
}

/** The covered scopes by the commit that was last applied to them. */
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

/** Puts the questions that the comparison left open to history: whose an override is, and which commit it came from. */
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
    desired.set(key, settings);
  }
  return past.git.history.answer({ lastApplied: past.lastApplied, questions, desired });
}
