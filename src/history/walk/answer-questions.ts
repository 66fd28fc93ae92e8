import type { HistoryAnswer, Question } from '../../reconcile/ownership.js';
import type { Provenance } from '../../reconcile/plan.js';
import {
  type Commit,
  type DeclaredState,
  scopedKey,
  type Setting,
  splitScopedKey,
} from '../../reconcile/state.js';
import { asCommit, type LinkedCommit } from '../git/commits.js';
import type { Repository } from '../git/repository.js';
import { DeclarationIndex, sameSetting } from './declaration-index.js';
import { insideMerges } from './inside-merges.js';
import { OwnershipSearch } from './ownership-search.js';
import type { Source } from './snapshot.js';
import { Walk } from './walk.js';

/** Questions to history, with what is needed to answer them. */
export interface HistoryRequest {
  /** The last-applied commit by scope key; scopes without one are missing. */
  readonly lastApplied: ReadonlyMap<string, { readonly commit: Commit }>;
  readonly questions: readonly Question[];
  /** What the working tree declares. */
  readonly desired: DeclaredState;
}

/** What history says about one override, with more detail than a plan needs. */
export interface OverrideHistory extends HistoryAnswer {
  /** The setting at the scope's last-applied commit. `none` (declared to have no override) gives no ownership. */
  readonly declaredAtLastApplied?: Setting;
}

/** Answers to all questions of a request. */
export interface HistoryResult {
  /** By `scopedKey`. */
  readonly answers: ReadonlyMap<string, OverrideHistory>;
  /** Files in history that do not parse, and therefore give no ownership. One line each. */
  readonly warnings: readonly string[];
  readonly statistics: {
    /** Commits that were read. */
    readonly commits: number;
    /** Declaration files in history that were parsed. */
    readonly blobsParsed: number;
  };
}

type Settings = Map<string, Setting | undefined>;

/**
 * Answers all questions about ownership and provenance.
 *
 * 1. Last-applied commits are read for the settings that they declare.
 * 2. One walk from HEAD along first parents finds, for each override, the newest commit that changed it (provenance)
 *    and whether a commit since last-applied declared it as it is live (ownership). It stops when the last question is
 *    answered.
 * 3. If that newest commit is a merge, the merged branch is searched for the commit that people would recognise. This
 *    is done on demand, only for merges that are the answer to a question.
 */
export async function answerQuestions(
  repo: Repository,
  source: Source,
  request: HistoryRequest,
): Promise<{ answers: Map<string, OverrideHistory>; commits: number }> {
  // There can be hundreds of thousands of questions, so maps are filled without intermediate arrays.
  const asked = new Map<string, Question>();
  for (const question of request.questions) asked.set(scopedKey(question.scope, question.id), question);
  const lastApplied = await settingsAtLastApplied(repo, source, request, asked.keys());
  const provenance = new Map<string, Provenance>();
  let since: ReadonlySet<string> = new Set();
  let released: ReadonlySet<string> = new Set();
  let commits = 0;
  if (repo.head === undefined) {
    for (const key of asked.keys()) provenance.set(key, desiredSetting(request, key) ? UNCOMMITTED : NONE);
  } else if (asked.size > 0) {
    const live = new Map([...asked].filter(([, { isLive }]) => isLive !== undefined));
    const ids = new Map([...request.lastApplied].map(([scope, { commit }]) => [scope, commit.id]));
    const search = await OwnershipSearch.of(repo.git, repo.head.id, live, ids);
    const isOwned = (key: string): boolean =>
      !live.has(key) || search.declared.has(key) || givesOwnership(lastApplied.get(key));
    const walk = await Walk.from(repo, source, new DeclarationIndex(asked.keys()), repo.head.id);
    const merges = await walkBack(walk, request, search, isOwned, provenance);
    commits = walk.steps;
    since = search.declared;
    released = search.released;
    // The provenance of an override that is not ours is of no use.
    for (const targets of merges.values())
      for (const key of targets.keys()) if (!isOwned(key)) targets.delete(key);
    const inside = await insideMerges(repo, source, repo.head.id, merges);
    for (const [key, commit] of inside.commits)
      provenance.set(key, commit ? { type: 'commit', commit } : UNKNOWN);
    commits += inside.steps;
  }
  const answers = new Map<string, OverrideHistory>();
  // Overrides that one commit changed share one answer, to save memory.
  const shared = new Map<Provenance, OverrideHistory>();
  for (const key of asked.keys()) {
    const found = provenance.get(key) ?? NONE;
    const declared = lastApplied.get(key);
    if (declared !== undefined || since.has(key) || released.has(key)) {
      answers.set(key, {
        provenance: found,
        declaredSince: since.has(key),
        ...(released.has(key) ? { released: true } : {}),
        ...(declared === undefined ? {} : { declaredAtLastApplied: declared }),
      });
      continue;
    }
    const answer = shared.get(found) ?? { provenance: found, declaredSince: false };
    shared.set(found, answer);
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

/** The setting of each override at the last-applied commit of its scope, if it gives ownership or is `none`. */
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

/**
 * Walks back until every question is answered or history ends.
 *
 * @param isOwned whether an override is ours, as far as is known
 * @param provenance receives what is found
 * @returns merges that changed overrides, each with the settings after it, to be looked into
 */
async function walkBack(
  walk: Walk,
  request: HistoryRequest,
  ownership: OwnershipSearch,
  isOwned: (key: string) => boolean,
  provenance: Map<string, Provenance>,
): Promise<Map<LinkedCommit, Settings>> {
  const merges = new Map<LinkedCommit, Settings>();
  const open = new Set(walk.declarations.keys);
  const forgetAnswered = (keys: Iterable<string>): void => {
    for (const key of keys) if (!open.has(key) && !ownership.isOpen(key)) walk.declarations.forget(key);
  };
  for (const key of open) {
    if (sameSetting(walk.declarations.resolved(key), desiredSetting(request, key))) continue;
    provenance.set(key, UNCOMMITTED);
    open.delete(key);
  }
  for (const key of ownership.inspect(walk)) if (!isOwned(key)) open.delete(key);
  forgetAnswered(walk.declarations.keys);
  while (open.size > 0 || !ownership.done) {
    const step = await walk.stepBack();
    if (step === undefined) break;
    const byCommit: Provenance = { type: 'commit', commit: asCommit(step.commit) };
    for (const [key, after] of step.changed) {
      if (!open.delete(key)) continue;
      if (step.commit.parents.length < 2) provenance.set(key, byCommit);
      else
        merges.set(
          step.commit,
          (merges.get(step.commit) ?? new Map<string, Setting | undefined>()).set(key, after),
        );
    }
    const notDeclared = ownership.inspect(walk, step.touched);
    for (const key of notDeclared) if (!isOwned(key)) open.delete(key);
    // Forgetting makes later steps cheaper; after the last one there are no further steps to save.
    if (open.size === 0 && ownership.done) break;
    forgetAnswered(step.touched);
    forgetAnswered(notDeclared);
  }
  if (walk.end === 'cut off') for (const key of open) provenance.set(key, UNKNOWN);
  return merges;
}
