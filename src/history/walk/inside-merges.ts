import type { Commit, Setting } from '../../reconcile/state.js';
import { type IsExcluded, FirstParentHistory, type CommitGraph, readCommitGraph } from './first-parent-history.js';
import { asCommit, type LinkedCommit } from '../git/commits.js';
import { compareWithPrevious } from '../git/log.js';
import { GitCommitLog, type CommitLog, type LoggedCommit, type PathChange, readLogged } from './commit-log.js';
import type { Repository } from '../git/repository.js';
import { Snapshot, type Source } from './snapshot.js';
import { sameSetting, DeclarationIndex } from './declaration-index.js';
import { Walk } from './walk.js';

/** Settings (undefined: not declared) by `scopedKey`. */
type Targets = ReadonlyMap<string, Setting | undefined>;

export interface InsideMerges {
  /** The commit by `scopedKey`; undefined where the clone was cut off before it. */
  readonly commits: ReadonlyMap<string, Commit | undefined>;
  /** How many commits were read. */
  readonly steps: number;
}

/** A branch that a merge brought, and what is to be found in it. */
interface Task {
  readonly merge: LinkedCommit;
  /** Which of the merge's parents the branch is. */
  readonly branch: number;
  readonly targets: Map<string, Setting | undefined>;
  /** What leads to the line that was merged into does not count. */
  readonly excluded: IsExcluded;
}

/** So many branches are read at a time: their commits are held in memory. */
const TASKS_AT_A_TIME = 500;

/**
 * Finds the commits inside merged branches that made overrides what merges made them on the line that HEAD leads to.
 * What no branch brought (a conflict was resolved, or the merge was edited) the merge did itself. All merges are looked
 * into side by side, so that git is asked a few times in all, and not a few times a merge.
 *
 * @param merges along HEAD's first parents, with what overrides are after each
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

function taskFor(merge: LinkedCommit, targets: Targets, line: FirstParentHistory): Task {
  return { merge, branch: 1, targets: new Map(targets), excluded: line.excludedInside(merge.id) };
}

/** Follows branches. What is found goes to `commits`, and what has to be looked for elsewhere to `next`. */
async function walkBranches(
  repo: Repository,
  source: Source,
  graph: CommitGraph,
  tasks: readonly Task[],
  commits: Map<string, Commit | undefined>,
  next: Task[],
): Promise<number> {
  let steps = 0;
  const starts = tasks.map(({ merge, branch }) => merge.parents[branch] ?? '');
  const lines = tasks.map((task, index) => new FirstParentHistory(graph, starts[index] ?? '', task.excluded));
  const all = [...new Set(lines.flatMap((line) => line.commits))];
  const batches = new Map<string, Batch>();
  const batchFor = async (watched: readonly string[]): Promise<Batch> => {
    const batch = batches.get(keyOf(watched)) ?? {
      logged: await readLogged(repo.git, all, watched),
      differences: await compareWithPrevious(repo.git, starts, watched),
    };
    batches.set(keyOf(watched), batch);
    return batch;
  };
  let base: Snapshot | undefined;
  for (const [index, task] of tasks.entries()) {
    const start = starts[index] ?? '';
    const line = lines[index];
    if (line === undefined) continue;
    const differences = base && (await batchFor(base.watched)).differences[index];
    base = await movedTo(start, base, differences ?? [], source);
    const { logged } = await batchFor(base.watched);
    const known = new PreloadedCommitLog(repo, line, logged, base.watched);
    const walk = await Walk.on(repo, source, new DeclarationIndex(task.targets.keys()), start, base.copy(), known);
    next.push(...(await walkBranch(walk, task, line, commits)));
    steps += walk.steps;
  }
  return steps;
}

/** What was read for many branches at once, with certain paths watched. */
interface Batch {
  readonly logged: ReadonlyMap<string, LoggedCommit>;
  /** How the tip of each branch differs from the one before. */
  readonly differences: readonly (readonly PathChange[])[];
}

/** A snapshot of a commit, made from the one of another commit as far as that is possible. */
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
  // Where a configuration does not parse, a snapshot goes on with the one that it saw last, which must be none.
  const fresh = new Snapshot(source);
  await fresh.load(commit);
  return fresh;
}

function keyOf(watched: readonly string[]): string {
  return watched.join('\0');
}

/** A line whose commits were read with those of others, as long as no other paths are watched. */
class PreloadedCommitLog implements CommitLog {
  readonly #line: FirstParentHistory;
  readonly #logged: ReadonlyMap<string, LoggedCommit>;
  readonly #watched: string;
  readonly #fallback: GitCommitLog;
  #place: number | undefined;

  constructor(
    repo: Repository,
    line: FirstParentHistory,
    logged: ReadonlyMap<string, LoggedCommit>,
    watched: readonly string[],
  ) {
    this.#line = line;
    this.#logged = logged;
    this.#watched = keyOf(watched);
    this.#fallback = new GitCommitLog(repo.git, line.commits);
  }

  restartAt(commit: string, watched: readonly string[]): void {
    this.#place = keyOf(watched) === this.#watched ? this.#line.commits.indexOf(commit) : undefined;
    if (this.#place === -1) this.#place = this.#line.commits.length;
    if (this.#place === undefined) this.#fallback.restartAt(commit, watched);
  }

  async next(): Promise<LoggedCommit | undefined> {
    if (this.#place === undefined) return this.#fallback.next();
    for (; this.#place < this.#line.commits.length;) {
      const commit = this.#logged.get(this.#line.commits[this.#place] ?? '');
      this.#place += 1;
      if (commit !== undefined) return commit;
    }
    return undefined;
  }

  async oldest(): Promise<string | undefined> {
    return this.#line.commits.at(-1);
  }
}

/** Follows one branch until each override that it has as the merge has it was found to be changed. */
async function walkBranch(
  walk: Walk,
  task: Task,
  line: FirstParentHistory,
  commits: Map<string, Commit | undefined>,
): Promise<Task[]> {
  const { merge, branch, targets } = task;
  const open = new Set<string>();
  for (const [key, target] of targets) {
    if (sameSetting(walk.index.resolved(key), target)) open.add(key);
    else walk.index.forget(key);
  }
  const next: Task[] = [];
  while (open.size > 0) {
    const step = await walk.stepBack();
    if (step === undefined) break;
    const group = new Map<string, Setting | undefined>();
    for (const [key, after] of step.changed) {
      if (!open.delete(key)) continue;
      targets.delete(key);
      walk.index.forget(key);
      if (step.commit.parents.length > 1) group.set(key, after);
      else commits.set(key, asCommit(step.commit));
    }
    if (group.size > 0) next.push(taskFor(step.commit, group, line));
  }
  for (const key of walk.end === 'cut off' ? open : []) {
    commits.set(key, undefined);
    targets.delete(key);
  }
  if (targets.size > 0 && branch + 1 < merge.parents.length) next.push({ ...task, branch: branch + 1 });
  else for (const key of targets.keys()) commits.set(key, asCommit(merge));
  return next;
}
