import { mustRun, type Git } from '../git/git.js';

/** The parents of commits by id. */
export type CommitGraph = ReadonlyMap<string, readonly string[]>;

/** Whether a commit does not count. */
export type IsExcluded = (commit: string) => boolean;

/** The commits that lead to some others, but not to one of those that are left out; with it all that lead to it. */
export async function readCommitGraph(
  git: Git,
  tips: readonly string[],
  without: readonly string[],
): Promise<CommitGraph> {
  const input = [...tips, ...without.map((commit) => `^${commit}`)].map((line) => `${line}\n`).join('');
  const output = await mustRun(git, ['rev-list', '--parents', '--stdin'], { input });
  const graph = new Map<string, readonly string[]>();
  for (const line of output.toString('latin1').split('\n')) {
    const [commit = '', ...parents] = line.split(' ');
    if (commit !== '') graph.set(commit, parents);
  }
  return graph;
}

/** A line of first parents, from its newest commit on. */
export class FirstParentHistory {
  readonly #graph: CommitGraph;
  readonly #excluded: IsExcluded;
  /** The newest first. */
  readonly commits: readonly string[];
  #places: ReadonlyMap<string, number> | undefined;
  #reachedFrom: ReadonlyMap<string, number> | undefined;

  /** @param excluded commits that end the line; with a commit it holds for all that lead to it */
  constructor(graph: CommitGraph, start: string, excluded: IsExcluded) {
    this.#graph = graph;
    this.#excluded = (commit) => !graph.has(commit) || excluded(commit);
    const commits: string[] = [];
    for (let at: string | undefined = start; at !== undefined && !this.#excluded(at); at = graph.get(at)?.[0])
      commits.push(at);
    this.commits = commits;
  }

  /** For a merge on this line: what does not count inside of its branches, since it leads to the line before the merge. */
  excludedInside(merge: string): IsExcluded {
    this.#places ??= new Map(this.commits.map((commit, place) => [commit, place]));
    this.#reachedFrom ??= this.#reach();
    const [places, reachedFrom] = [this.#places, this.#reachedFrom];
    const place = places.get(merge) ?? -1;
    return (commit) => this.#excluded(commit) || (reachedFrom.get(commit) ?? -1) > place;
  }

  /** The place of the oldest commit on the line that each commit leads to. */
  #reach(): ReadonlyMap<string, number> {
    const reachedFrom = new Map<string, number>();
    for (let place = this.commits.length - 1; place >= 0; place -= 1) {
      const queue = [this.commits[place]];
      for (let commit = queue.pop(); commit !== undefined; commit = queue.pop()) {
        if (reachedFrom.has(commit) || this.#excluded(commit)) continue;
        reachedFrom.set(commit, place);
        queue.push(...(this.#graph.get(commit) ?? []));
      }
    }
    return reachedFrom;
  }
}
