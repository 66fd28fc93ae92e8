import type { Commit, Setting } from '../../reconcile/state.js';
import { type CommitGraph, readCommitGraph } from '../git/ancestry.js';
import { asCommit, type LinkedCommit } from '../git/commits.js';
import { compareWithPrevious, type LoggedCommit, type PathChange, readLogged } from '../git/log.js';
import type { Repository } from '../git/repository.js';
import { pathsKey, PreloadedCommitLog } from './commit-log.js';
import { DeclarationIndex, sameSetting } from './declaration-index.js';
import { FirstParentHistory, type IsExcluded } from './first-parent-history.js';
import { Snapshot, type Source } from './snapshot.js';
import { Walk } from './walk.js';

/** Settings (undefined: not declared) by `scopedKey`. */
type Targets = ReadonlyMap<string, Setting | undefined>;

export interface InsideMerges {
  /** The commit by `scopedKey`; undefined if the clone was cut off before it. */
  readonly commits: ReadonlyMap<string, Commit | undefined>;
  /** How many commits were read. */
  readonly steps: number;
}

/** One branch that a merge brought in, and the overrides to look for in it. */
interface Task {
  readonly merge: LinkedCommit;
  /** Which of the merge's parents is the tip of the branch. */
  readonly branch: number;
  readonly targets: Map<string, Setting | undefined>;
  /** Commits that do not belong to the branch: they were in the history before the merge. */
  readonly isExcluded: IsExcluded;
}

/** How many branches are read together. Their commits are kept in memory. */
const TASKS_AT_A_TIME = 500;

/**
 * Finds the commits on merged branches that gave overrides their settings.
 *
 * A walk along first parents sees a merge as one commit that changed everything on its branch. This function follows
 * the first-parent history of the branch itself, newest first, to the commit that changed the override to what it is
 * after the merge. If that commit is a merge too, its branches are followed in the same way. If no branch has the
 * override as it is after the merge, as when a conflict was resolved by hand, the merge itself is the commit.
 *
 * All merges are worked through together, level by level of nesting, so that the number of git processes depends on
 * the nesting and not on the number of merges.
 *
 * @param merges merges in the first-parent history of `head`, newest first, with the settings after each merge
 */
export async function insideMerges(
  repo: Repository,
  source: Source,
  head: string,
  merges: ReadonlyMap<LinkedCommit, Targets>,
): Promise<InsideMerges> {
  const commits = new Map<string, Commit | undefined>();
  const asked = [...merges].filter(([, targets]) => targets.size > 0);
  const oldest = asked.at(-1)?.[0].parents[0];
  if (asked.length === 0) return { commits, steps: 0 };
  const graph = await readCommitGraph(repo.git, [head], oldest === undefined ? [] : [oldest]);
  const mainline = new FirstParentHistory(graph, head, () => false);
  let tasks: readonly Task[] = asked.map(([merge, targets]) => taskFor(merge, targets, mainline));
  let steps = 0;
  while (tasks.length > 0) {
    const next: Task[] = [];
    for (let start = 0; start < tasks.length; start += TASKS_AT_A_TIME) {
      const some = tasks.slice(start, start + TASKS_AT_A_TIME);
      steps += await walkBranches(repo, source, graph, some, commits, next);
    }
    tasks = next;
  }
  return { commits, steps };
}

/** The task for the first branch of a merge in `history`. */
function taskFor(merge: LinkedCommit, targets: Targets, history: FirstParentHistory): Task {
  return { merge, branch: 1, targets: new Map(targets), isExcluded: history.excludedInside(merge.id) };
}

/** Follows branches. Adds the commits that it finds to `commits`, and tasks for further branches to `next`. */
async function walkBranches(
  repo: Repository,
  source: Source,
  graph: CommitGraph,
  tasks: readonly Task[],
  commits: Map<string, Commit | undefined>,
  next: Task[],
): Promise<number> {
  let steps = 0;
  const tips = tasks.map(({ merge, branch }) => merge.parents[branch] ?? '');
  const histories = tasks.map(
    (task, index) => new FirstParentHistory(graph, tips[index] ?? '', task.isExcluded),
  );
  const all = [...new Set(histories.flatMap((history) => history.commits))];
  const batches = new Map<string, Batch>();
  const batchFor = async (watched: readonly string[]): Promise<Batch> => {
    const key = pathsKey(watched);
    const batch = batches.get(key) ?? {
      logged: await readLogged(repo.git, all, watched),
      differences: await compareWithPrevious(repo.git, tips, watched),
    };
    batches.set(key, batch);
    return batch;
  };
  let base: Snapshot | undefined;
  for (const [index, task] of tasks.entries()) {
    const tip = tips[index] ?? '';
    const history = histories[index];
    if (history === undefined) continue;
    const differences = base && (await batchFor(base.watched)).differences[index];
    base = await movedTo(tip, base, differences ?? [], source);
    const { logged } = await batchFor(base.watched);
    const log = new PreloadedCommitLog(repo.git, history, logged, base.watched);
    const declarations = new DeclarationIndex(task.targets.keys());
    const walk = await Walk.on(repo, source, declarations, tip, base.copy(), log);
    next.push(...(await walkBranch(walk, task, history, commits)));
    steps += walk.steps;
  }
  return steps;
}

/** The data that was read for many branches at once, for one set of watched paths. */
interface Batch {
  readonly logged: ReadonlyMap<string, LoggedCommit>;
  /** For each branch, how its tip differs from the tip of the branch before. */
  readonly differences: readonly (readonly PathChange[])[];
}

/** A snapshot of `commit`. Reuses `base`, a snapshot of another commit, if possible. */
async function movedTo(
  commit: string,
  base: Snapshot | undefined,
  changes: readonly PathChange[],
  source: Source,
): Promise<Snapshot> {
  if (base?.readable === true) {
    await base.undo(changes, commit);
    if (base.readable) {
      if (!base.covered) await base.load(commit);
      return base;
    }
  }
  // A snapshot keeps its last configuration while the current one does not parse. Here that would be the configuration
  // of an unrelated branch.
  const fresh = new Snapshot(source);
  await fresh.load(commit);
  return fresh;
}

/**
 * Follows one branch and looks for the commits that gave the overrides the settings that they have after the merge.
 *
 * @returns what is left to do: merges on this branch to look into, and the merge's next branch
 */
async function walkBranch(
  walk: Walk,
  task: Task,
  history: FirstParentHistory,
  commits: Map<string, Commit | undefined>,
): Promise<Task[]> {
  const { merge, branch, targets } = task;
  const open = new Set<string>();
  for (const [key, target] of targets) {
    if (sameSetting(walk.declarations.resolved(key), target)) open.add(key);
    else walk.declarations.forget(key);
  }
  const next: Task[] = [];
  while (open.size > 0) {
    const step = await walk.stepBack();
    if (step === undefined) break;
    const group = new Map<string, Setting | undefined>();
    for (const [key, after] of step.changed) {
      if (!open.delete(key)) continue;
      targets.delete(key);
      walk.declarations.forget(key);
      if (step.commit.parents.length > 1) group.set(key, after);
      else commits.set(key, asCommit(step.commit));
    }
    if (group.size > 0) next.push(taskFor(step.commit, group, history));
  }
  for (const key of walk.end === 'cut off' ? open : []) {
    commits.set(key, undefined);
    targets.delete(key);
  }
  if (targets.size > 0 && branch + 1 < merge.parents.length) next.push({ ...task, branch: branch + 1 });
  else for (const key of targets.keys()) commits.set(key, asCommit(merge));
  return next;
}
