import type { Commit, Setting } from '../../src/reconcile/state.js';
import { asCommit, type LinkedCommit } from '../../src/history/git/commits.js';
import type { Repository } from '../../src/history/git/repository.js';
import type { Source } from '../../src/history/walk/snapshot.js';
import { DeclarationIndex, sameSetting } from '../../src/history/walk/declaration-index.js';
import { Walk } from '../../src/history/walk/walk.js';
import type { InsideMerges } from '../../src/history/walk/inside-merges.js';

/** Settings (undefined: not declared) by `scopedKey`. */
type Targets = ReadonlyMap<string, Setting | undefined>;

/**
 * A second implementation of `insideMerges`, to compare it with. It is slow and simple: it takes one merge at a time and
 * walks each branch with separate calls of git.
 *
 * @param targets the settings after the merge
 * @param without commits that do not belong to the branches, nor do their ancestors
 */
export async function insideOneMerge(
  repo: Repository,
  source: Source,
  merge: LinkedCommit,
  targets: Targets,
  without: readonly string[] = [],
): Promise<InsideMerges> {
  const [mainline, ...branches] = merge.parents;
  const excluded = mainline === undefined ? without : [...without, mainline];
  const commits = new Map<string, Commit | undefined>();
  const pending = new Map(targets);
  let steps = 0;
  for (const branch of branches) {
    if (pending.size === 0) break;
    const walk = await Walk.from(repo, source, new DeclarationIndex(pending.keys()), branch, excluded);
    const { merges, open } = await walkBranch(walk, pending, commits);
    if (walk.end === 'cut off') for (const key of open) commits.set(key, undefined);
    for (const [nested, group] of merges) {
      const inside = await insideOneMerge(repo, source, nested, group, excluded);
      for (const [key, commit] of inside.commits) commits.set(key, commit);
      steps += inside.steps;
    }
    for (const key of commits.keys()) pending.delete(key);
    steps += walk.steps;
  }
  for (const key of pending.keys()) commits.set(key, asCommit(merge));
  return { commits, steps };
}

/** Follows one branch back to the commits that changed the overrides to what they are after the merge. */
async function walkBranch(
  walk: Walk,
  targets: Targets,
  commits: Map<string, Commit | undefined>,
): Promise<{ merges: Map<LinkedCommit, Map<string, Setting | undefined>>; open: Set<string> }> {
  const open = new Set<string>();
  for (const [key, target] of targets) {
    if (sameSetting(walk.declarations.resolved(key), target)) open.add(key);
    else walk.declarations.forget(key);
  }
  const merges = new Map<LinkedCommit, Map<string, Setting | undefined>>();
  while (open.size > 0) {
    const step = await walk.stepBack();
    if (step === undefined) break;
    const group = new Map<string, Setting | undefined>();
    for (const [key, after] of step.changed) {
      if (!open.delete(key)) continue;
      walk.declarations.forget(key);
      if (step.commit.parents.length > 1) group.set(key, after);
      else commits.set(key, asCommit(step.commit));
    }
    if (group.size > 0) merges.set(step.commit, group);
  }
  return { merges, open };
}
