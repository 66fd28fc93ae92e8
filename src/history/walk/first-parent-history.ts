import type { CommitGraph } from '../git/ancestry.js';

/** Decides which commits do not belong to a history. If it excludes a commit, it excludes its ancestors as well. */
export type IsExcluded = (commit: string) => boolean;

/** A commit, its first parent, that commit's first parent, and so on: the states that a branch had. */
export class FirstParentHistory {
  readonly #graph: CommitGraph;
  readonly #isExcluded: IsExcluded;
  /** Newest first. */
  readonly commits: readonly string[];
  #positions: ReadonlyMap<string, number> | undefined;
  #reachedFrom: ReadonlyMap<string, number> | undefined;

  /** The history of `start`, up to the first commit that is excluded or not in the graph. */
  constructor(graph: CommitGraph, start: string, isExcluded: IsExcluded) {
    this.#graph = graph;
    this.#isExcluded = (commit) => !graph.has(commit) || isExcluded(commit);
    const commits: string[] = [];
    for (
      let commit: string | undefined = start;
      commit !== undefined && !this.#isExcluded(commit);
      commit = graph.get(commit)?.[0]
    )
      commits.push(commit);
    this.commits = commits;
  }

  /**
   * The commits that do not belong to the branches that a merge in this history brought in: they were already part of
   * this history before the merge, as ancestors of the merge's first parent.
   */
  excludedInside(merge: string): IsExcluded {
    this.#positions ??= new Map(this.commits.map((commit, position) => [commit, position]));
    this.#reachedFrom ??= this.#findReachedFrom();
    const reachedFrom = this.#reachedFrom;
    const position = this.#positions.get(merge) ?? -1;
    return (commit) => this.#isExcluded(commit) || (reachedFrom.get(commit) ?? -1) > position;
  }

  /** For each commit, the position of the oldest commit in this history that it is an ancestor of. */
  #findReachedFrom(): ReadonlyMap<string, number> {
    const reachedFrom = new Map<string, number>();
    for (let position = this.commits.length - 1; position >= 0; position -= 1) {
      const queue = [this.commits[position]];
      for (let commit = queue.pop(); commit !== undefined; commit = queue.pop()) {
        if (reachedFrom.has(commit) || this.#isExcluded(commit)) continue;
        reachedFrom.set(commit, position);
        queue.push(...(this.#graph.get(commit) ?? []));
      }
    }
    return reachedFrom;
  }
}
