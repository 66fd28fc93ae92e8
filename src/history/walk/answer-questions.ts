import type { Question } from '../../reconcile/ownership.js';
import type { Provenance } from '../../reconcile/plan.js';
import {
  type Commit,
  type DeclaredState,
  scopedKey,
  type Setting,
  splitScopedKey,
} from '../../reconcile/state.js';
import { asCommit, type LinkedCommit } from '../git/commits.js';
import { insideMerges } from './inside-merges.js';
import { OwnershipSearch } from './ownership-search.js';
import type { OverrideHistory } from './questions.js';
import type { Repository } from '../git/repository.js';
import type { Source } from './snapshot.js';
import { sameSetting, DeclarationIndex } from './declaration-index.js';
import { Walk } from './walk.js';

/** What is asked of history. */
export interface HistoryRequest {
  /** The last-applied commit by scope key; scopes without one are missing. */
  readonly lastApplied: ReadonlyMap<string, { readonly commit: Commit }>;
  readonly questions: readonly Question[];
  /** What the working tree declares. */
  readonly desired: DeclaredState;
}

type Settings = Map<string, Setting | undefined>;

/** Answers all questions in one walk from HEAD along first parents, and stops as soon as the last one is answered. */
export async function answerQuestions(
  repo: Repository,
  source: Source,
  request: HistoryRequest,
): Promise<{ answers: Map<string, OverrideHistory>; commits: number }> {
  // Hundreds of thousands may be asked: nothing is listed on the way into a map.
  const asked = new Map<string, Question>();
  for (const question of request.questions) asked.set(scopedKey(question.scope, question.id), question);
  const lastApplied = await settingsAtLastApplied(repo, source, request, asked.keys());
  const provenance = new Map<string, Provenance>();
  let since: ReadonlySet<string> = new Set();
  let commits = 0;
  if (repo.head === undefined) {
    for (const key of asked.keys()) provenance.set(key, desiredSetting(request, key) ? UNCOMMITTED : NONE);
  } else if (asked.size > 0) {
    const live = new Map<string, NonNullable<Question['isLive']>>();
    for (const [key, { isLive }] of asked) if (isLive !== undefined) live.set(key, isLive);
    const ids = new Map([...request.lastApplied].map(([scope, { commit }]) => [scope, commit.id]));
    const ownership = await OwnershipSearch.of(repo.git, repo.head.id, live, ids);
    const isOwned = (key: string): boolean =>
      !live.has(key) || ownership.declared.has(key) || givesOwnership(lastApplied.get(key));
    const walk = await Walk.from(repo, source, new DeclarationIndex(asked.keys()), repo.head.id);
    const merges = await walkBack(walk, request, ownership, isOwned, provenance);
    commits = walk.steps;
    since = ownership.declared;
    for (const targets of merges.values())
      for (const key of targets.keys()) if (!isOwned(key)) targets.delete(key);
    const inside = await insideMerges(repo, source, repo.head.id, merges);
    for (const [key, commit] of inside.commits)
      provenance.set(key, commit ? { type: 'commit', commit } : UNKNOWN);
    commits += inside.steps;
  }
  const answers = new Map<string, OverrideHistory>();
  // What one commit did to many overrides is one answer.
  const plain = new Map<Provenance, OverrideHistory>();
  for (const key of asked.keys()) {
    const found = provenance.get(key) ?? NONE;
    const declared = lastApplied.get(key);
    if (declared !== undefined || since.has(key)) {
      answers.set(key, {
        provenance: found,
        declaredSince: since.has(key),
        ...(declared === undefined ? {} : { declaredAtLastApplied: declared }),
      });
      continue;
    }
    const answer = plain.get(found) ?? { provenance: found, declaredSince: false };
    plain.set(found, answer);
    answers.set(key, answer);
  }
  return { answers, commits };
}

const UNCOMMITTED: Provenance = { type: 'uncommitted' };
const UNKNOWN: Provenance = { type: 'unknown' };
const NONE: Provenance = { type: 'none' };

function givesOwnership(setting: Setting | undefined): boolean {
  return setting !== undefined && setting.type !== 'none';
}

function desiredSetting(request: HistoryRequest, key: string): Setting | undefined {
  const [scope, override] = splitScopedKey(key);
  return request.desired.get(scope)?.get(override);
}

async function settingsAtLastApplied(
  repo: Repository,
  source: Source,
  request: HistoryRequest,
  keys: Iterable<string>,
): Promise<ReadonlyMap<string, Setting>> {
  const byCommit = new Map<string, string[]>();
  for (const key of keys) {
    const commit = request.lastApplied.get(splitScopedKey(key)[0])?.commit.id;
    if (commit === undefined) continue;
    const group = byCommit.get(commit);
    if (group === undefined) byCommit.set(commit, [key]);
    else group.push(key);
  }
  const settings = new Map<string, Setting>();
  for (const [commit, group] of byCommit) {
    const walk = await Walk.from(repo, source, new DeclarationIndex(group), commit);
    for (const key of group) {
      const setting = walk.owned(key);
      if (setting !== undefined) settings.set(key, setting);
    }
  }
  return settings;
}

/** Walks until all is known. Returns what merges brought, which is to be looked for inside them. */
async function walkBack(
  walk: Walk,
  request: HistoryRequest,
  ownership: OwnershipSearch,
  isOwned: (key: string) => boolean,
  provenance: Map<string, Provenance>,
): Promise<Map<LinkedCommit, Settings>> {
  const merges = new Map<LinkedCommit, Settings>();
  const open = new Set(walk.index.keys);
  const forgetKnown = (keys: Iterable<string>): void => {
    for (const key of keys) if (!open.has(key) && !ownership.isOpen(key)) walk.index.forget(key);
  };
  for (const key of open) {
    if (sameSetting(walk.index.resolved(key), desiredSetting(request, key))) continue;
    provenance.set(key, UNCOMMITTED);
    open.delete(key);
  }
  for (const key of ownership.inspect(walk)) if (!isOwned(key)) open.delete(key);
  forgetKnown(walk.index.keys);
  while (open.size > 0 || !ownership.done) {
    const step = await walk.stepBack();
    if (step === undefined) break;
    const byThis: Provenance = { type: 'commit', commit: asCommit(step.commit) };
    for (const [key, after] of step.changed) {
      if (!open.delete(key)) continue;
      if (step.commit.parents.length < 2) provenance.set(key, byThis);
      else
        merges.set(
          step.commit,
          (merges.get(step.commit) ?? new Map<string, Setting | undefined>()).set(key, after),
        );
    }
    const not = ownership.inspect(walk, step.touched);
    for (const key of not) if (!isOwned(key)) open.delete(key);
    // Forgetting spares further steps; behind the last one it would be in vain.
    if (open.size === 0 && ownership.done) break;
    forgetKnown(step.touched);
    forgetKnown(not);
  }
  if (walk.end === 'cut off') for (const key of open) provenance.set(key, UNKNOWN);
  return merges;
}
